/** What is wrong in the document of a chain or of a template. */
export const faults: Readonly<Record<string, string>> = {
  "the chain has {} fault{}": "任务链有 {1} 处错误",
  "Mend every listed place and send it again.": "请修正列出的每一处，然后重新发送。",
  "and {} more faults": "另有 {} 处错误",
  "the chain is not an object": "任务链不是对象",
  "unknown field": "未知字段",
  "required field is missing": "缺少必填字段",
  "required, but not there": "缺少必填字段",
  "a party is named twice": "某一参与方出现两次",
  "parties names the parties already": "parties 中已给出参与方",
  "{} is not one of parties": "{} 不在 parties 中",

  // The order of tasks.
  "{} is the task_id of tasks.{} already": "{} 已是 tasks.{} 的 task_id",
  "the task waits for itself": "任务在等待自己",
  "there is no task {}": "没有任务 {}",
  "there is a cycle, each waits for the next: {}": "存在循环依赖，每个都在等待下一个：{}",
  "a callback waits for other tasks; name them in depends_on":
    "回调任务须等待其他任务；请在 depends_on 中列出",

  // Parties and devices.
  "no parties: give them in options.parties, or an sf_init_config":
    "没有参与方：请在 options.parties 中给出，或提供 sf_init_config",
  "{} takes {} parties, got {}": "{} 需要 {} 个参与方，现有 {} 个",
  "{} takes {} to {} parties, got {}": "{} 需要 {} 至 {} 个参与方，现有 {} 个",
  "must name exactly the parties of sf_init_config": "必须恰好列出 sf_init_config 中的各方",
  "{} does not run among {} parties": "{} 不能在 {} 方之间运行",
  "CHEETAH runs on FM32 or FM64": "CHEETAH 只能运行在 FM32 或 FM64 上",
  "Use FM64.": "请使用 FM64。",
  "must be {}, whose values are encrypted": "必须是 {}，因为被加密的是它的值",
  "must be exactly the parties beside sk_keeper": "必须恰好是 sk_keeper 以外的各方",

  // Files.
  "{} is written by {}, which may run at the same time; depend on it":
    "{} 由 {} 写出，而它可能同时运行；请依赖该任务",
  "{} is also written by {}, which may run at the same time": "{} 也由 {} 写出，而它可能同时运行",
  "{} is another output of the task already": "{} 已是该任务的另一个输出",
  "several combinations of for_each write {}; {}": "for_each 的多种组合会写出 {1}；{2:say}",
  'write "{}"': "请写 “{}”",
  "put ${each.<name>} into the path": "请在路径中加入 ${each.<名称>}",
  "their values are the same as texts; leave one of them out":
    "它们的取值作为文本相同；请去掉其中一种",
  "{} lies inside of another output of the task": "{} 位于该任务的另一个输出之内",

  // Sweeps.
  "{} (combination {})": "{1:say}（组合 {2}）",
  "makes {} nodes; the most are {}": "会生成 {} 个节点；最多 {} 个",
  "make {} nodes; the most are {}": "会生成 {} 个节点；最多 {} 个",
  "{} fits in no reference; use letters, digits, _ and -":
    "{} 不能用于引用；请只用字母、数字、_ 和 -",
  "is empty, so that the task would never run": "为空，任务将永不运行",
  "is taken as it is; a sweep's values hold no references": "按原样使用；参数扫描的取值不能含引用",

  // References.
  "has a name with a reference; only values may refer": "名称中含有引用；只有值可以引用",
  "the options are for every task and hold no references": "选项适用于所有任务，不能含引用",
  "the task's for_each has no {}": "该任务的 for_each 中没有 {}",
  "{} does not come before this task; add it to depends_on":
    "{} 不在本任务之前；请将其加入 depends_on",
  "{} is a sweep of {}: write tasks.{}.0.result...":
    "{} 是含 {} 种组合的参数扫描：请写 tasks.{}.0.result...",
  "a task has status and result, and no {}": "任务只有 status 和 result，没有 {}",
  "{} of {} has no {}; {}": "{2} 的 {1} 没有 {3}；{4:say}",
  "it has {}": "它有 {}",
  "nothing goes on from there": "其下没有更多内容",
  "a reference is not closed, or holds another one": "引用未闭合，或包含另一个引用",
  "{} is no reference; write ${tasks.<task_id>.result.<field>} or ${each.<name>}":
    "{} 不是引用；请写 ${tasks.<task_id>.result.<字段>} 或 ${each.<名称>}",
  "{} leads to nothing: there is no {}": "{} 没有所指：没有 {}",
  "{} is a list, an object or null, which fits in no text": "{} 是列表、对象或 null，不能放入文本",

  // Conditions.
  "there are more than {} different conditions": "不同的条件超过 {} 个",
  "it takes too many steps on results of this size": "在这样大小的结果上步数过多",
  "it is neither true nor false": "结果既不是真也不是假",
  "a text among the results is too long for a condition": "结果中有文本过长，不能用于条件",
  "it is no CEL expression, at column {}": "不是 CEL 表达式，位于第 {} 列",
  "it is nested too deeply": "嵌套过深",
  "{} is not offered": "不提供 {}",
  "{} stands inside another expression over a list": "{} 位于另一个列表表达式之内",
  "a task, a field or a variable that it names is not there": "其中提到的任务、字段或变量不存在",
  "it divides by zero": "除数为零",
  "its operands are not of the same kind": "操作数类型不同",
  "it cannot be evaluated on these results": "在这些结果上无法求值",
  "it is {}, and never true or false": "结果是{1:say}，永远不是真或假",
  "{} takes what is true or false, and not {}": "{1} 需要真或假，而不是{2:say}",
  "- takes a number, and not {}": "- 需要数，而不是{:say}",
  "in looks into a list or an object, and not into {}": "in 在列表或对象中查找，而不是在{:say}中",
  "{} cannot compare {} with {}": "{1} 不能比较{2:say}与{3:say}",
  "{} compares with a text that is never there, only {}": "{} 所比较的文本永远不会出现，只会是 {}",
  "{} cannot follow a whole number with one that has a fraction; write double(...) around the first":
    "{} 不能在整数之后接小数；请在前者外写 double(...)",
  "{} cannot join {} and {}": "{1} 不能连接{2:say}与{3:say}",
  "{} has no fields": "{:say}没有字段",
  "{} has no fields; write {}[0]": "{1:say}没有字段；请写 {2}[0]",
  "there is no {}; {}": "没有 {1}；{2:say}",
  "there are fewer": "没有那么多",
  "{} has no elements": "{:say}没有元素",
  "a list is indexed by a whole number": "列表以整数为下标",
  "there is no {}; a condition sees tasks alone": "没有 {}；条件只能看到 tasks",
  "there is no function {}": "没有函数 {}",
  "{} goes over a list, and not over {}": "{1} 遍历列表，而不是{2:say}",
  "{} cannot be taken of {}": "{1} 不能用于{2:say}",
  "true or false": "真或假",
  "a whole number": "整数",
  "a whole number without a sign": "无符号整数",
  "a number with a fraction": "小数",
  "a text": "文本",
  bytes: "字节串",
  "a list": "列表",
  "an object": "对象",
  "a type": "类型",
  "a time": "时间",
  "a number among the results has more than 64 bits": "结果中有数超过 64 位",
  "{} takes a variable and an expression, as in {}": "{} 需要一个变量和一个表达式，如 {}",

  // Values.
  "there are more than {} values": "值的数量超过 {}",
  "is nested more than {} levels deep": "嵌套超过 {} 层",
  "has a name that is not a text": "有不是文本的名称",
  "has a name that {}": "有一个名称{:say}",
  "has more than 64 bits": "超过 64 位",
  "is not a finite number": "不是有限的数",
  "is no JSON value": "不是 JSON 值",
  "is longer than {} characters": "超过 {} 个字符",
  "holds a NUL character, which no database stores": "含有数据库无法存储的 NUL 字符",
  "holds half of a character (a lone surrogate)": "含有半个字符（孤立代理项）",
};
