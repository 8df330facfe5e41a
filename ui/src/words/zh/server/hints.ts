/** What to do about an error, where the error's code says it. */
export const hints: Readonly<Record<string, string>> = {
  "Correct the named field of the request and send it again.":
    "请修正所指的字段，然后重新发送请求。",
  "`sfw tasks` lists the task types and versions that this worker runs.":
    "`sfw tasks` 会列出该 worker 能运行的任务类型和版本。",
  "CHEETAH takes exactly 2 parties, ABY3 exactly 3, SEMI2K 2 to 5; between hosts SEMI2K needs the setting allow_semi2k_dealer at every party.":
    "CHEETAH 须恰好 2 方，ABY3 须恰好 3 方，SEMI2K 为 2 至 5 方；跨主机使用 SEMI2K 时，每一方都须设置 allow_semi2k_dealer。",
  "Mend the named file at the named party.": "请在所指的参与方修正所指的文件。",
  "Put the file there, or correct its path; paths are seen by the party's worker.":
    "请把文件放到该处，或修正路径；路径以该方 worker 所见为准。",
  "Let the worker's user write in the output folder, or name another folder.":
    "请允许 worker 的用户写入输出目录，或另选目录。",
  "Use an absolute path inside the party's data root, of letters, digits, '.', '_', '-', '/'.":
    "请使用该方数据根目录内的绝对路径，只含字母、数字、'.'、'_'、'-'、'/'。",
  "Run psi over the tables first and train on its outputs.":
    "请先对各表做隐私求交（psi），再用其输出训练。",
  "Use the directories that one training wrote, unaltered, each at its own party.":
    "请使用同一次训练在各方写出的模型目录，不作任何改动。",
  "Free space where the outputs and the worker's state folder are.":
    "请清理输出目录和 worker 状态目录所在的磁盘。",
  "Ask the operator of the named party.": "请联系所指参与方的运维方。",
  "See the named party's log and worker; send it again with a new execution_id.":
    "请查看所指参与方的日志和 worker，然后用新的 execution_id 重新发送。",
  "Free the named port or choose another; send it again with a new execution_id.":
    "请释放所指端口或改用其他端口，然后用新的 execution_id 重新发送。",
  "The worker was killed while it ran this; send it again with a new execution_id.":
    "worker 在运行该任务时被终止；请用新的 execution_id 重新发送。",
  "Raise timeout_s, or give the task less data.": "请调大 timeout_s，或减少任务的数据量。",
  "Raise party_memory_bytes at the named party, or give the task less data.":
    "请在所指参与方调大 party_memory_bytes，或减少任务的数据量。",
  "Somebody asked for it; send it again with a new execution_id to run it.":
    "任务是应要求取消的；如需运行，请用新的 execution_id 重新发送。",
  "This is a bug: the party's log has the traceback; please report it.":
    "这是程序缺陷：回溯在该方的日志中，请报告。",
};
