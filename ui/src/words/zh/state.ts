export const state = {
  PENDING: "待运行",
  QUEUED: "排队中",
  RUNNING: "运行中",
  RETRY: "等待重试",
  PAUSED: "已暂停",
  SUCCESS: "成功",
  FAILURE: "失败",
  SKIPPED: "已跳过",
  CANCELLED: "已取消",
};
