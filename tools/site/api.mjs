// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { Application, Converter, DeclarationReflection, ReflectionKind } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";
import { packages } from "../repo/packages.mjs";
import { rearrange } from "./api-page.mjs";

/** The packages in the order of the sidebar, before any other: what applications import comes first. */
const order = [
  "@natswire/node",
  "@natswire/deno",
  "@natswire/bun",
  "@natswire/websocket",
  "@natswire/nats-js",
  "@natswire/fuzz",
  "@natswire/codec",
  "@natswire/io",
  "@natswire/session",
  "@natswire/jetstream-server",
  "@natswire/server",
];

/**
 * Writes a page for each export of the published packages, and `navigation.json`.
 *
 * @param {string} out the folder to write to
 */
export async function writeApi(out) {
  const modules = importable();
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    name: "API",
    entryPoints: modules.map(({ source }) => source),
    tsconfig: "tools/site/tsconfig.json",
    readme: "none",
    // As the index file lists them.
    sort: [],
    sortEntryPoints: false,
    groupOrder: [
      "Functions",
      "Classes",
      "Interfaces",
      "Type Aliases",
      "Variables",
      "Constructors",
      "Properties",
      "Accessors",
      "Methods",
      "*",
      "References",
    ],
    disableSources: true,
    hideGenerator: true,
    excludeInternal: true,
    excludeProtected: true,
    excludeExternals: true,
    navigation: { includeGroups: true },
    logLevel: "Warn",
    ...{
      outputs: [{ name: "markdown", path: out }],
      router: "member",
      excludeScopesInPaths: true,
      entryFileName: "index",
      navigationJson: join(out, "navigation.json"),
      hidePageHeader: true,
      hideBreadcrumbs: true,
      pageTitleTemplates: { member: "{name}" },
      useCodeBlocks: true,
      expandParameters: true,
      indexFormat: "table",
      parametersFormat: "table",
      interfacePropertiesFormat: "table",
      classPropertiesFormat: "table",
      typeAliasPropertiesFormat: "table",
      typeDeclarationFormat: "table",
      tableColumnSettings: {
        hideDefaults: true,
        hideInherited: true,
        hideModifiers: true,
        hideOverrides: true,
        hideSources: true,
        leftAlignHeaders: true,
      },
    },
  });
  // A module has the name that users import.
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const names = modules.map(({ name }) => name);
    for (const module of project.getReflectionsByKind(ReflectionKind.Module))
      module.name = names.shift() ?? module.name;
    for (const type of project.getReflectionsByKind(ReflectionKind.ClassOrInterface)) sortMembers(project, type);
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const { comment } of Object.values(project.reflections)) if (comment) joinThrows(comment);
  });
  app.renderer.on(/** @type {any} */ (MarkdownPageEvent.END), (/** @type {MarkdownPageEvent} */ page) => {
    page.contents = rearrange(page);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("typedoc: the packages do not compile");
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("typedoc: warnings, see above");
}

/** Returns every importable path and its source. Names that packages share are described in the first. */
function importable() {
  const place = (/** @type {string} */ name) => (order.includes(name) ? order.indexOf(name) : order.length);
  return packages()
    .sort((one, other) => place(one.name) - place(other.name))
    .flatMap(({ name, folder, manifest }) =>
      Object.entries(manifest.exports).flatMap(([path, conditions]) => {
        const source = typeof conditions === "object" ? conditions["@natswire/source"] : undefined;
        return source === undefined ? [] : [{ name: join(name, path), source: join(folder, source) }];
      }),
    );
}

/** Makes one list of several `@throws`. @param {import("typedoc").Comment} comment */
function joinThrows(comment) {
  const [first, ...more] = comment.getTags("@throws");
  if (first === undefined || more.length === 0) return;
  const items = [first, ...more].flatMap(({ content }) => [
    { kind: /** @type {const} */ ("text"), text: "\n- " },
    ...content,
  ]);
  comment.removeTags("@throws");
  first.content = items;
  comment.blockTags.push(first);
}

/**
 * Sorts the members of a type as its source does, also those that it takes from another type.
 *
 * @param {import("typedoc").ProjectReflection} project
 * @param {import("typedoc").Reflection} type
 */
function sortMembers(project, type) {
  if (!(type instanceof DeclarationReflection)) return;
  const place = (/** @type {import("typedoc").Reflection} */ member) => {
    const id = project.getSymbolIdFromReflection(member);
    return `${id?.fileName} ${String(id?.pos ?? 0).padStart(8, "0")}`;
  };
  type.childrenIncludingDocuments?.sort((one, other) => (place(one) < place(other) ? -1 : 1));
}
