/** A party's policy in words, and what it refuses. */
export const policy: Readonly<Record<string, string>> = {
  "no policy: what requests name within the data root": "没有策略：允许请求使用数据根目录内的文件",
  "every task is refused: the policy is faulty, or there is none":
    "拒绝所有任务：策略有误，或没有策略",
  "task types: *": "任务类型：全部",
  "task types: none": "任务类型：无",
  "task types: {}": "任务类型：{:list}",
  "peers: none": "可合作的参与方：无",
  "peers: {}": "可合作的参与方：{:list}",
  "{} may go to: {}": "{1:say}可告知：{2:list}",
  intersection: "交集",
  predictions: "预测结果",
  statistics: "统计结果",
  "smallest table: {} rows": "表至少 {} 行",
  "smallest intersection: {} rows": "交集至少 {} 行",
  "any on this machine": "本机上的任一方",
  "nobody else": "无其他方",
  "who sent the request": "请求的发送者",

  // Refusals: the policy of a party refuses: RULE does not allow WHAT; and 2 more
  "the policy of party {} refuses: {}": "参与方 {} 的策略拒绝：{:say}",
  "{} does not allow {}": "{} 不允许{:say}",
  "and {} more": "另有 {} 项",
  "task type {}": "任务类型 {}",
  "party {}": "参与方 {}",
  "party {} (task_config.{})": "参与方 {}（task_config.{}）",
  "party {} on another machine": "另一台机器上的参与方 {}",
  "party {} without TLS, where no certificate says who it is":
    "未使用 TLS 的参与方 {}：没有证书证明其身份",
  "party {} with the certificate {}.crt in certs_dir": "参与方 {}（certs_dir 中的证书为 {}.crt）",
  "reading {} (task_config.{})": "读取 {}（task_config.{}）",
  "writing {} (task_config.{})": "写入 {}（task_config.{}）",
  "who sent the request or reads its report": "请求的发送者或其报告的读者",
  "SEMI2K, in which party {} deals the triples and could learn all":
    "使用 SEMI2K：其中参与方 {} 分发三元组，可能得知全部数据",
  "an intersection that party {} learns and {} does not": "由参与方 {} 得知而 {} 不得知的交集",
  "an intersection of so few rows for another party": "向另一方告知行数过少的交集",
  "one that only {} learns": "只有 {} 得知的交集",
  "a table of so few rows (task_config.{})": "行数过少的表（task_config.{}）",
  "the table {} ({})": "表 {}（{}）",
  "column {} as {} (task_config.{})": "将列 {} 用作 {}（task_config.{}）",
  "anything while it is faulty: {}": "任何任务，因为策略文件有误：{:say}",
  "tasks with parties elsewhere: this worker has no policy":
    "与其他机器上的参与方合作：此 worker 没有策略",

  // What its operator would have to write.
  "Ask the operator of {}: {}": "请 {} 的运维方处理：{:say}",
  'add "{}" to {}': "将“{}”加入 {}",
  'add [[peers]] with party = "{}" and the fingerprint that `sfw certs show` says':
    '添加 [[peers]]，其中 party = "{}"，并填入 `sfw certs show` 显示的指纹',
  'add [[tables]] with path = "{}" and its columns':
    '添加 [[tables]]，其中 path = "{}"，并列出各列',
  'allow "{}" for column {} in tables."{}"': '在 tables."{3}" 中允许将列 {2} 用作“{1}”',
  "set certs_dir": "设置 certs_dir",
  "give it a larger table": "提供更大的表",
  "intersect more rows": "用更多的行求交",
  "let every party learn the intersection (broadcast_result), or set no limit":
    "让每一方都得知交集（broadcast_result），或取消该限制",
  "use CHEETAH between two or ABY3 among three parties, or trust it by trusted_dealer = true":
    "两方使用 CHEETAH、三方使用 ABY3，或以 trusted_dealer = true 表示信任",
  "mend it, see `sfw policy check`": "修正策略文件，见 `sfw policy check`",
  "write one with `sfw policy init`, and name it by the setting policy_file":
    "用 `sfw policy init` 写一份策略，并在设置项 policy_file 中指定",
  "party {} does not share its {}": "参与方 {} 不公开其{:say}",
  tables: "数据表",
  models: "模型",
  reports: "报告",
  logs: "日志",
  fingerprints: "指纹",
  "Its operator may allow it by share.{} in the party's policy.":
    "其运维方可在该方策略中用 share.{} 允许。",
  "{} is not open to tasks of this party": "{} 不对该方的任务开放",
  "policy {}: {}": "策略 {}：{:say}",
};
