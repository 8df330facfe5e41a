export const problem = {
  unreachable: "无法连接调度服务",
  unreachableHint: "请确认 `sfw web` 正在运行，且网络可达。",
  broken: "页面的这一部分出错了",
  brokenHint: "请重新加载页面。如再次出错，请报告您最后的操作。",
  notFound: "此地址没有内容",
  notFoundHint: "它可能已被移除，或地址有误。",
  toChains: "前往任务链",
  reload: "重新加载",
  faults_one: "{{count}} 处需要修改",
  faults_other: "{{count}} 处需要修改",
  incident: "日志编号",
};
