import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Draws the text of a Mermaid diagram as SVG. */
export type Draw = (diagram: string) => string;

export interface DrawnPage {
  readonly text: string;
  /** The pictures of the page, by their file names. */
  readonly pictures: ReadonlyMap<string, string>;
}

/**
 * Replaces each Mermaid block of a page by a picture that links to itself: the pictures of large
 * state machines are wider than a page.
 *
 * @param place the path of the page on the site
 */
export function drawDiagrams(place: string, text: string, draw: Draw): DrawnPage {
  const pictures = new Map<string, string>();
  const drawn = text.replaceAll(/^```mermaid\n([\s\S]*?)^```$/gm, (_, diagram: string) => {
    const number = pictures.size + 1;
    const name = `${place.replace(/\.md$/, "").replaceAll("/", "-")}-${number}.svg`;
    pictures.set(name, draw(diagram));
    const picture = `![Diagram ${number} of this page](/diagrams/${name})`;
    // VitePress leaves a link with a target as it is, so it is relative to the page.
    const link = `${"../".repeat(place.split("/").length - 1)}diagrams/${name}`;
    return `[${picture}](${link}){target="_self"}\n\n*Select the picture to see it in full size.*`;
  });
  return { text: drawn, pictures };
}

/** As far as it is used here. */
interface Renderer {
  readonly renderMermaidSVG: (
    diagram: string,
    colors: { readonly bg: string; readonly fg: string },
  ) => string;
}

/**
 * Loads the renderer. It needs no browser. Its pictures would ask a server for a font; that line is
 * taken out.
 *
 * @param tools the folder that has the renderer
 */
export async function mermaidDraw(tools: string): Promise<Draw> {
  // The package has no entry for `require`, by which a module of another folder could be found.
  const file = join(tools, "node_modules/beautiful-mermaid/dist/index.js");
  const { renderMermaidSVG } = (await import(pathToFileURL(file).href)) as Renderer;
  return (diagram) =>
    renderMermaidSVG(diagram, { bg: "#ffffff", fg: "#27272a" }).replaceAll(/^ *@import .*\n/gm, "");
}
