/** What is seldom said. */
export const rare: Readonly<Record<string, string>> = {
  // Tables and preparing.
  "column {} begins with ^ and ends with $, which no column of this worker may":
    "列 {} 以 ^ 开头并以 $ 结尾，这样的列名不被允许",
  "must name the same parties; only one has {}": "必须列出相同的参与方；只有其一含有 {}",
  "input_data and output_data must name the same parties; only one has {}":
    "input_data 和 output_data 必须列出相同的参与方；只有其一含有 {}",
  "input_data and rules must name the same parties; only one has {}":
    "input_data 和 rules 必须列出相同的参与方；只有其一含有 {}",
  "the entry of column {} is none that {} writes": "列 {} 的条目不是 {} 写出的",
  "column {} holds numbers too large for a {}": "列 {} 的数值过大，无法计算 {}",
  "column {} holds integers too large to stand beside a fraction":
    "列 {} 的整数过大，不能与小数并存",
  "Fill it by mode, or by a whole constant.": "请用众数或整数常量填充。",
  "the rules are of a task type or version that this worker cannot apply":
    "规则所属的任务类型或版本不能由此 worker 应用",
  "It applies rules of {}. Fit again, or run a worker of their version.":
    "它可应用 {} 的规则。请重新拟合，或运行相应版本的 worker。",
  "column {} is not one of {}": "列 {} 不在以下之中：{}",
  "no column is left after encoding": "编码后没有剩余的列",
  "Use drop 'none'.": "请将 drop 设为 none。",
  "a new column of {} would have the name of another column": "{} 的新列会与另一列同名",
  "column {} holds a text too long to be a column's name": "列 {} 含有过长的文本，不能作为列名",
  "With its column's name a category has at most {} characters.": "类别连同其列名最多 {} 个字符。",

  // Models.
  "{} has manifest version {}; this worker reads {}": "{} 的清单版本为 {}；此 worker 读取 {}",
  "{}/manifest.json does not name the files of a model": "{}/manifest.json 没有列出模型的文件",
  "{}/share.bin is not a share file of this worker": "{}/share.bin 不是此 worker 的份额文件",
  "{}/own.json is not an object": "{}/own.json 不是对象",
  "the model has no secret part {}": "模型没有秘密部分 {}",
  "the model has no own part {}": "模型没有自有部分 {}",
  "the model's manifest is not that of a model of sgb": "模型的清单不是 sgb 模型的",
  "the model's own part does not hold the trees of sgb": "模型的自有部分不含 sgb 的树",
  "the model's trees do not fit its features and leaves": "模型的树与其特征和叶子不符",
  "it was trained with row weights, for which there are no p-values":
    "它以行权重训练，不能计算 P 值",
  "Train without row weights.": "请不使用行权重训练。",
  "label {} has values that the model's distribution does not have":
    "标签 {} 有模型的分布所没有的取值",
  "Take the rows that the model was trained on.": "请使用模型训练所用的行。",
  "row weights {} must be from 0 on, and the largest from {} to {}":
    "行权重 {} 必须不小于 0，且最大值在 {} 到 {} 之间",
  "Divide all of them by their mean; only their proportions count.":
    "请将其全部除以均值；只有比例起作用。",

  // What parties tell.
  "{} is no report of a task": "{} 不是任务的报告",
  "{} is no model and no rules file": "{} 不是模型，也不是规则文件",
  "its first line may hold values, not names": "其第一行可能是数据值而非列名",
  "its columns may be named after values": "其列名可能来自数据值",
  "not read in time; ask again": "未能及时读取；请重试",
  "not a table that tasks can read": "不是任务可读取的表",
  "not such as a task writes": "不是任务写出的内容",
  "not such as this worker writes": "不是此 worker 写出的内容",
  "too large": "过大",

  // Workers.
  "its name is taken by something else": "其名称已被占用",
  "the launcher could not fork a party; it is started anew":
    "启动器无法创建参与方进程；正在重新启动",
  "the execution failed; its stored report cannot be read": "该次执行失败；无法读取其保存的报告",
  "the execution is invalid": "执行请求无效",

  "`sfw doctor` says why these plugins are left out: {}.":
    "`sfw doctor` 会说明为何略去这些插件：{}。",
  "`sfw policy check FILE` lists every fault; docs/guides/policy.md has every rule.":
    "`sfw policy check FILE` 会列出每一处错误；全部规则见 docs/guides/policy.zh-CN.md。",
  "is missing": "缺失",
  "is none that this worker knows": "不是此 worker 认识的版本",
};
