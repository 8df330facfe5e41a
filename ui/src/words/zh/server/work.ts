/** How the work itself ends badly: peers, limits, places, models. */
export const work: Readonly<Record<string, string>> = {
  // Peers.
  "party {} was lost": "与参与方 {} 失去联系",
  "party unknown was lost": "与某一参与方失去联系",
  "party {} did not come to the link": "参与方 {} 没有接入连接",
  "party unknown did not come to the link": "某一参与方没有接入连接",
  "party {} did not come within {} s": "参与方 {} 在 {} 秒内没有接入",
  "party {} cannot listen on {}: {}": "参与方 {} 无法监听 {}：{}",
  "party {} sent what is not in the protocol": "参与方 {} 发来了协议之外的内容",
  "party {} sent what is not in the protocol: {}": "参与方 {} 发来了协议之外的内容：{}",
  "party {} ended the task with {}; its own worker has the details":
    "参与方 {} 以 {} 结束了任务；详情见其自己的 worker",
  "the process of party {} ended": "参与方 {} 的进程已结束",
  "the process of party {} died{}": "参与方 {} 的进程已终止{:say}",
  " of signal {}": "（信号 {}）",
  "the process of party {} hangs": "参与方 {} 的进程没有响应",
  "party {} failed with {}; its log has the traceback": "参与方 {} 因 {} 失败；回溯在其日志中",
  "party {} spoke nonsense": "参与方 {} 的进程发来无法理解的内容",
  "task_config, spu_config: the parties' messages ask for different things":
    "task_config、spu_config：各方收到的请求内容不一致",
  "Send every party the same task_config, task version and runtime_config; only paths may differ.":
    "请向各方发送相同的 task_config、任务版本和 runtime_config；只有路径可以不同。",
  "no {} free ports between {} and {}": "{2} 到 {3} 之间没有 {1} 个空闲端口",

  // Limits.
  "the task did not finish within {} s": "任务未能在 {} 秒内完成",
  "the task ran longer than its timeout_s": "任务的运行时间超过了其 timeout_s",
  "the chain ran longer than its timeout of {} s": "任务链的运行时间超过了 {} 秒的上限",
  "no worker took the task in time": "没有 worker 及时接收该任务",
  "the task and its retries ran out of time": "任务及其重试用完了时间",
  "the message expired": "消息已过期",
  "party {} ran out of memory": "参与方 {} 内存不足",
  "party {} passed its memory ceiling of {} bytes": "参与方 {} 超过了 {} 字节的内存上限",
  "party {}: the disk is full": "参与方 {}：磁盘已满",
  "the disk filled while the intersection was written": "写出交集时磁盘写满",
  "the disk is full: an output table could not be written": "磁盘已满：无法写出输出表",
  "an output table could not be written": "无法写出输出表",

  // Ends that somebody wanted, and workers that were killed.
  "the task was revoked": "任务已被撤销",
  "the task was revoked before it started": "任务在开始前已被撤销",
  "the message expired before it started": "消息在任务开始前已过期",
  "the execution was cancelled": "该次执行已被取消",
  "the execution was cancelled before it started": "该次执行在开始前已被取消",
  "somebody stopped the task at its worker": "有人在其 worker 上停止了该任务",
  "the worker was stopped": "worker 已停止",
  "the worker was stopped while it ran this": "worker 在运行该任务时被停止",
  "the worker was killed while it ran this": "worker 在运行该任务时被终止",
  "the worker was killed while it ran this, {} times": "worker 在运行该任务时被终止 {} 次",
  "the task failed, and its worker's record does not say why":
    "任务失败，其 worker 的记录没有说明原因",
  "attempt {} runs already": "第 {} 次尝试已在运行",
  "Wait for it, or send the task with another execution_id.":
    "请等待其结束，或用另一个 execution_id 发送任务。",
  "task {}, {}: {}": "任务 {}，{}：{:say}",

  // Files and folders.
  "{} does not exist": "{} 不存在",
  "{} is not a file": "{} 不是文件",
  "{} is not a model directory": "{} 不是模型目录",
  "{} cannot be read by the worker's user": "worker 的用户无法读取 {}",
  "{} is empty": "{} 为空",
  "{} is a file already": "{} 已是一个文件",
  "{} is a folder already": "{} 已是一个目录",
  "the worker's user cannot write in {}": "worker 的用户无法写入 {}",
  "the worker could not write {}": "worker 无法写出 {}",
  "the worker could not write {}: {}": "worker 无法写出 {}：{}",
  "party {}: a file could not be written or read": "参与方 {}：某个文件无法写入或读取",
  "{} is outside the data root {}": "{} 在数据根目录 {} 之外",
  "{} is the worker's own": "{} 是 worker 自用的",
  "{} collides with {}": "{} 与 {} 冲突",
  "{} would replace what task_config.{} names": "{} 会覆盖 task_config.{} 所指的内容",
  "Give every output of the task a path of its own.": "请为任务的每个输出指定各自的路径。",
  "the name of {} does not end in .csv or .parquet": "{} 的文件名不以 .csv 或 .parquet 结尾",
  "A table is of one of these two formats; its name says which.":
    "表为这两种格式之一，由文件名说明。",

  // Clusters.
  "this worker does not run Ray mode": "此 worker 不运行 Ray 模式",
  'Use local mode ("address": "local") or cluster mode.':
    '请使用本地模式（"address": "local"）或集群模式。',
  "in SEMI2K party {} deals every multiplication triple and could learn all; between hosts this worker refuses it":
    "在 SEMI2K 中，参与方 {} 分发所有乘法三元组，可能得知全部数据；跨主机时此 worker 拒绝使用",
  "Use CHEETAH for 2 parties or ABY3 for 3, or set allow_semi2k_dealer everywhere.":
    "两方请使用 CHEETAH，三方请使用 ABY3，或在各处设置 allow_semi2k_dealer。",
  "this is the worker of {}, not of {}": "这是 {} 的 worker，不是 {} 的",
  "two parties have the same address": "两个参与方的地址相同",
  "{} has no port from 1 to 65535": "{} 没有 1 到 65535 之间的端口",
  "cluster mode needs certs_dir: this worker has no certificates":
    "集群模式需要 certs_dir：此 worker 没有证书",
  "Run `sfw certs init`, exchange the .crt files, and set certs_dir; or set allow_plaintext where the network is private by other means.":
    "请运行 `sfw certs init`，交换 .crt 文件并设置 certs_dir；若网络已由其他方式保护，可设置 allow_plaintext。",
  "{} is missing at party {}": "参与方 {2} 缺少 {1}",
  "Run `sfw certs init` for the own party; ask a peer's operator for its .crt.":
    "请为本方运行 `sfw certs init`；向对方的运维方索取其 .crt 文件。",

  // Models.
  "the parties' model directories are not of one training": "各方的模型目录不是出自同一次训练",
  "{} has no manifest.json: it is not a model directory": "{} 没有 manifest.json：不是模型目录",
  "{}/manifest.json is not a manifest of this worker": "{}/manifest.json 不是此 worker 的清单",
  "{}/{} is missing or was altered since it was saved": "{}/{} 缺失，或保存后被改动",
  "{} is the share of party {}, not of {}": "{} 是参与方 {} 的份额，不是 {} 的",
  "{} was trained by the parties {}, in that order": "{} 由参与方 {} 按此顺序训练",
  "{} holds shares of {}/{}; this task runs on {}/{}":
    "{} 中是 {}/{} 的份额；此任务运行在 {}/{} 上",
  "Set the protocol and field of the training in spu_config's runtime_config.":
    "请在 spu_config 的 runtime_config 中设置训练时的协议和域。",
  "a model of {} does not predict": "{} 的模型不能预测",
  "{} is the model's label": "{} 是模型的标签",
  "the model was trained by {}; this worker has {}": "模型由 {} 训练；此 worker 为 {}",
  "Predict where the version that trained it is installed, or train anew.":
    "请在装有训练时版本之处预测，或重新训练。",
  "it is a model of {}@{}, this task is {}@{}": "它是 {}@{} 的模型，此任务是 {}@{}",
  "Go on from a model that the same task type trained.": "请从同一任务类型训练的模型继续。",
  "its label is {} of {}, here it is {} of {}": "其标签是 {2} 的 {1}，此处是 {4} 的 {3}",
  "its features of {} are {}; here they are {}": "其中 {} 的特征为 {}；此处为 {}",
  "Name the same features of every party in the same order.": "请按相同顺序给出各方相同的特征。",
  "the base model was trained with {}, here it is {}": "基础模型训练时为 {}，此处为 {}",
  "Leave {} as it was, or train without base_model.": "请保持 {} 不变，或不使用 base_model 训练。",
};
