export const graph = {
  canvas: "picture of a chain",
  faults_one: "{{count}} fault",
  faults_other: "{{count}} faults",
  if: "if",
  zoom: "Zoom",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Show the whole chain",
  map: "Overview map",
};
