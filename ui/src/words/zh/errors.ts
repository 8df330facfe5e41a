export const errors = {
  title: "错误码",
  unknown: "没有关于 {{code}} 的说明",
  unknownHint: "它可能来自插件或其他版本。以下是已知的错误码。",
  all: "全部错误码",
};
