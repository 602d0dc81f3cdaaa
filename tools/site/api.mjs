// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { Application, Converter, DeclarationReflection, ReferenceReflection, ReflectionKind } from "typedoc";
import { MarkdownPageEvent } from "typedoc-plugin-markdown";
import { packages } from "../repo/packages.mjs";

/** The packages in the order of the sidebar: what applications import comes first. */
const order = [
  "@natswire/node",
  "@natswire/deno",
  "@natswire/bun",
  "@natswire/websocket",
  "@natswire/codec",
  "@natswire/io",
  "@natswire/session",
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
    sort: [],
    sortEntryPoints: false,
    groupOrder: ["Functions", "Classes", "Interfaces", "Type Aliases", "Variables", "Constructors", "Properties", "Accessors", "Methods", "*", "References"],
    disableSources: true,
    hideGenerator: true,
    excludeInternal: true,
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
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) module.name = names.shift() ?? module.name;
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    for (const { comment } of Object.values(project.reflections)) if (comment) joinThrows(comment);
  });
  app.renderer.on(
    /** @type {any} */ (MarkdownPageEvent.END),
    (/** @type {MarkdownPageEvent} */ page) => {
      page.contents = withOrigin(page, withTableOfReferences(page, tidied(page.contents)));
    },
  );
  const project = await app.convert();
  if (project === undefined) throw new Error("typedoc: the packages do not compile");
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error("typedoc: warnings, see above");
}

/** Returns every importable path and its source. Names that packages share are described in the first. */
function importable() {
  return packages()
    .sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
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

/** Removes the spaces at the ends of lines, and indents parameters as the code does. @param {string} text */
function tidied(text) {
  return text.replace(/ +$/gm, "").replace(/^ {3}(?=\w+\??:)/gm, "  ");
}

/** Replaces the list of re-exports by a table. @param {MarkdownPageEvent} page @param {string} text */
function withTableOfReferences({ model }, text) {
  const at = text.indexOf("## References\n");
  if (at === -1 || !(model instanceof DeclarationReflection)) return text;
  const rows = [...text.slice(at).matchAll(/^Re-exports \[(.*)\]\((.*)\)$/gm)].map(([, name = "", to]) => {
    const reference = model.children?.find((child) => child.name === name.replaceAll("\\", ""));
    const target = reference instanceof ReferenceReflection ? reference.getTargetReflectionDeep() : undefined;
    return `| [${name}](${to}) | ${target?.parent?.name.replace(/^/, "`")}\` |`;
  });
  return `${text.slice(0, at)}## Re-exports\n\n| Name | From |\n| :-- | :-- |\n${rows.join("\n")}\n`;
}

/** Says below the title what the page describes, and which package exports it. @param {MarkdownPageEvent} page @param {string} text */
function withOrigin({ model, url }, text) {
  if (!(model instanceof DeclarationReflection) || model.kind === ReflectionKind.Module) return text;
  const kind = ReflectionKind.singularString(model.kind);
  const up = url.split("/").length > 2 ? ".." : ".";
  return text.replace("\n", `\n\n${kind} of [\`${model.parent?.name}\`](${join(up, "index.md")})\n`);
}
