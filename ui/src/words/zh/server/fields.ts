/** What a task type's own fields are for: tables, columns, parties, files. */
export const fields: Readonly<Record<string, string>> = {
  "The version to run; the newest where it is left out.": "要运行的版本；不填则为最新版本。",

  // Tables and files.
  "Each party's table.": "各方的表。",
  "Every party's table; row i of all is one entity.": "各方的表；各表第 i 行是同一个样本。",
  "Each party's new table.": "各方的新数据表。",
  "Where each party's new table goes.": "各方处理后的表的存放位置。",
  "Where each party's changed table goes.": "各方处理后的表的存放位置。",
  "Each party's rules file: the rules_output of an earlier task.":
    "各方的规则文件：之前某个任务的 rules_output。",
  "Where each party keeps what it fitted, for apply_rules.":
    "各方保存拟合结果的位置，供“应用已有规则”（apply_rules）使用。",
  "Where a party keeps its bins and their WOE, for apply_rules.":
    "各方保存其分箱和证据权重的位置，供“应用已有规则”（apply_rules）使用。",
  "Where a party's table with WOE in place of its features goes.":
    "以证据权重（WOE）替换特征后的表的存放位置。",
  "Where each party that learns the intersection writes its rows of it.":
    "得知交集的各方写出其行的位置。",
  "Where each party's training rows go.": "各方训练行的存放位置。",
  "Where each party's test rows go.": "各方测试行的存放位置。",
  "Every party's table of rows to predict, if any.": "要预测的行所在的各方的表（可不填）。",
  "Every party's table of the rows, with the features that it had in training.":
    "各方待预测的表，含训练时用到的特征。",
  "Every party's table of the rows that the model was trained on, with the label.":
    "模型训练所用的各方的表，含标签。",
  "The model folder of every party of the training.": "参与训练的每一方的模型目录。",
  "Every party's folder of a model of ss_lr or ss_glm.": "各方的 ss_lr 或 ss_glm 模型目录。",
  "The folder in which each party keeps its share of the model.": "各方保存其模型份额的目录。",
  "Every party's folder of a model of the same task type, features and label to go on from. Left out: the training starts anew.":
    "从各方已有的模型继续训练，其任务类型、特征和标签须相同；不填则重新训练。",
  "Where the receiver's predictions go.": "接收方的预测结果的存放位置。",
  "Where the predictions go: {receiver: path}, or the path alone.":
    "预测结果的存放位置：{接收方: 路径}，或只写路径。",
  "The table of predictions of the one party that holds label and prediction.":
    "持有标签和预测的一方的预测结果表。",
  "The same party's table with the label, in the same order of rows, where prediction_data has none.":
    "当 prediction_data 中没有标签时，同一方按相同行序给出标签的表。",
  "Where the report goes, as JSON.": "报告（JSON）的存放位置。",
  "Where the report goes, as JSON; written where the group party's worker is.":
    "报告（JSON）的存放位置；在分组方的 worker 处写出。",
  "Where the report goes, as JSON; written where a receiver's worker is.":
    "报告（JSON）的存放位置；在接收方的 worker 处写出。",
  "Where the report goes, as JSON, at the label holder's worker; with a chart of the features' importance.":
    "报告（JSON）在标签持有方 worker 处的存放位置，含特征重要性图。",
  "Where each party's own report goes, as JSON: bins, counts, WOE and IV of its own features, and charts.":
    "各方自己的报告（JSON）的存放位置：自己特征的分箱、计数、证据权重、信息值和图表。",
  "Where the sizes and the inertia go as a report, as JSON.":
    "簇大小和簇内平方和的报告（JSON）的存放位置。",

  // Columns.
  "Each party's key columns; they match by position and byte for byte.":
    "各方的键列，按位置逐一对应，逐字节匹配。",
  "Columns that identify a row: a list where every party calls them the same, or {party: list}. With them the parties' rows are checked to be aligned. Left out: only row counts are compared.":
    "标识一行的列：各方列名相同时写列表，否则写 {参与方: 列表}。给出后会检查各方的行是否对齐；不填则只比较行数。",
  "Columns that identify a row: a list where every party calls them the same, or {party: list}. With them the parties' rows are checked to be aligned, and they are carried over to the predictions. Left out: only row counts are compared.":
    "标识一行的列：各方列名相同时写列表，否则写 {参与方: 列表}。给出后会检查各方的行是否对齐，并带到预测结果中；不填则只比较行数。",
  "Columns that must be equal, row by row, in prediction_data and label_data.":
    "在 prediction_data 和 label_data 中必须逐行相同的列。",
  "Columns to bin, all numbers: a list, of which each party bins those it has, or {party: list}.":
    "要分箱的数值列：写列表时各方处理自己有的列，或写 {参与方: 列表}。",
  "Columns to bin: a list, of which each must be at exactly one party, or {party: list}. A column that is not all numbers has a bin per category.":
    "要分箱的列：写列表时每一列须恰好属于一方，或写 {参与方: 列表}。非数值列按类别分箱。",
  "Columns to fill: a list, of which each party fills those it has, or {party: list}. Left out: those that method or value names, if it is a map, else every column that the method can fill: of numbers by mean and median, any by the others.":
    "要填充的列：写列表时各方处理自己有的列，或写 {参与方: 列表}。不填时：若 method 或 value 按列给出，则为其中的列；否则为该方法可填充的所有列（均值和中位数只用于数值列）。",
  "Columns to encode: a list, of which each party encodes those it has, or {party: list}.":
    "要编码的列：写列表时各方处理自己有的列，或写 {参与方: 列表}。",
  "Columns to scale: a list, of which each party scales those it has, or {party: list}. Left out: every column of numbers, also one of numeric ids or labels; name the columns where there are such.":
    "要缩放的列：写列表时各方处理自己有的列，或写 {参与方: 列表}。不填则为所有数值列，包括数值型的标识和标签；有这些列时请指定要缩放的列。",
  "Columns to describe: a list, of which each party describes those it has, or {party: list}. Left out: every column of numbers.":
    "要统计的列：写列表时各方统计自己有的列，或写 {参与方: 列表}。不填则为所有数值列。",
  "The columns: a list, of which each must be at exactly one party, or {party: list}. Left out: every column of numbers but the id columns.":
    "要计算的列：写列表时每一列须恰好属于一方，或写 {参与方: 列表}。不填则为标识列以外的所有数值列。",
  "The columns to describe, {party: [columns]}, of any party but group_party.":
    "要统计的列，写作 {参与方: [列]}，可属于分组方以外的任何一方。",
  "Columns to learn from: a list, of which each must be at exactly one party, or {party: list}.":
    "用于学习的列：写列表时每一列须恰好属于一方，或写 {参与方: 列表}。",
  "Columns to learn from: a list, of which each must be at exactly one party, or {party: list}. The label holder is told sums of gradients over them.":
    "用于学习的列：写列表时每一列须恰好属于一方，或写 {参与方: 列表}。标签持有方会得知这些列上的梯度之和。",
  "The column to predict.": "要预测的列。",
  "The column of labels, 0 or 1.": "标签列，取值 0 或 1。",
  "The column of true labels.": "真实标签所在的列。",
  "The column of predictions.": "预测值所在的列。",
  "The column of the predictions.": "预测结果的列名。",
  "The column of the clusters, whole numbers from 0.": "簇编号的列名，从 0 开始的整数。",
  "Its column whose values are the groups; rows without a value are in none.":
    "该方用于分组的列，取值即分组；没有取值的行不属于任何分组。",
  "Write the label beside the predictions where the receiver's table has it.":
    "接收方的表中有标签时，与预测一同写出。",

  // Parties.
  "The party that has the label.": "标签持有方。",
  "The party that has the groups; it is told the statistics.": "持有分组的一方，会得知统计结果。",
  "The one party that gets predictions; the one of prediction_output by default.":
    "唯一得到预测结果的一方；默认取预测结果输出所属的一方。",
  "The one party that gets the predictions.": "唯一得到预测结果的一方。",
  "The party that learns the intersection; none means every party.":
    "得知交集的一方；不填则每一方都得知。",
  "Let every party learn the intersection, as training needs.":
    "让每一方都得知交集，训练需要如此。",
  "The parties that are told the figures.": "得知结果的各方。",
  "The parties that are told the figures. Left out: every party, so each learns of the others what they learn of it.":
    "得知结果的各方；不填则每一方都得知，因而彼此得知的内容相同。",
  "The one party that learns how many training rows each cluster has, and the inertia: the sum of the rows' squared distances from their centres. Left out: nobody.":
    "唯一得知每个簇的训练行数和簇内平方和（各行到其中心的距离平方之和）的一方；不填则无人得知。",
};
