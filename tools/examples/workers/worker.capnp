# Runs the Worker in workerd, Cloudflare's runtime, on this machine.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ( name = "main",
      worker = (
        modules = [ (name = "worker.mjs", esModule = embed "dist/worker.mjs") ],
        bindings = [ (name = "NATS_URL", fromEnvironment = "NATS_URL") ],
        compatibilityDate = "2026-11-01",
      ) ),
    # The network of connect(): by default, workerd does not allow private addresses.
    ( name = "internet",
      network = (
        allow = ["public", "private"],
        tlsOptions = (trustBrowserCas = true),
      ) ),
  ],
  sockets = [ (name = "http", address = "127.0.0.1:8787", http = (), service = "main") ],
);
