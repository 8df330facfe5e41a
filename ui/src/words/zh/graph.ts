export const graph = {
  canvas: "任务链图",
  faults_one: "{{count}} 处问题",
  faults_other: "{{count}} 处问题",
  if: "条件",
  zoom: "缩放",
  zoomIn: "放大",
  zoomOut: "缩小",
  fit: "显示整条链",
  map: "缩略图",
};
