// The signs on the buttons: lines in a square of 24.

const PATHS = {
  bold: "M7 5h6a3.5 3.5 0 0 1 0 7H7zm0 7h7a3.5 3.5 0 0 1 0 7H7z",
  italic: "M10 5h8M6 19h8M14.5 5l-5 14",
  strike: "M4 12h16M8 8c0-2 2-3 4-3s3.5.5 4 2M8 16c.5 2 2 3 4 3s4-1 4-3-1.5-3-3-4",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1.5-1.5",
  heading: "M6 5v14M17 5v14M6 12h11",
  small: "M6 9v10M14 9v10M6 14h8M18 13h3",
  quote: "M9 7c-3 1-4 3-4 6v4h5v-5H7M18 7c-3 1-4 3-4 6v4h5v-5h-3",
  bullets: "M9 6h11M9 12h11M9 18h11M4.5 6h.1M4.5 12h.1M4.5 18h.1",
  numbers: "M10 6h10M10 12h10M10 18h10M4 4.5h1v4M4 15h2.5L4 19h2.5",
  tasks: "M4 5h5v5H4zM13 7.5h7M4 17l2 2 3-4M13 17h7",
  code: "M8 7l-5 5 5 5M16 7l5 5-5 5",
  block: "M4 5h16v14H4zM9 10l-2 2 2 2M15 10l2 2-2 2",
  picture: "M4 5h16v14H4zM4 16l4.5-5 4 4.5 2.5-2.5 5 4.5M15.5 9.5h.1",
  gallery: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  table: "M4 5h16v14H4zM4 10h16M10 5v14",
  callout: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 11v5M12 8h.1",
  footnote: "M4 8h8M8 8v11M16 5l1.5-1v6",
  divider: "M4 12h16M8 6h8M8 18h8",
  embed: "M4 5h16v14H4zM10 9l5 3-5 3z",
  math: "M17 6V5H7l6 7-6 7h10v-1",
  more: "M4 7h16M4 17h16M4 12h3M10.5 12h3M17 12h3",
  preview: "M4 5h16v14H4zM12 5v14M15 9h2M15 12h2",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  full: "M9 4H4v5M15 4h5v5M9 20H4v-5M15 20h5v-5",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18h.1",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
