/** What is wrong with a table, and how its owner mends it; a message begins with the file's name. */
export const tables: Readonly<Record<string, string>> = {
  // The file.
  "the file is empty": "文件为空",
  "A table needs at least the line that names its columns.": "表至少需要列名所在的一行。",
  "the table has no rows": "表中没有行",
  "{} has a header and no rows": "{} 只有表头，没有行",
  "Give it at least one row.": "请至少提供一行。",
  "the file is not UTF-8": "文件不是 UTF-8 编码",
  "Save the file as UTF-8.": "请将文件存为 UTF-8。",
  "the first line is no CSV header": "第一行不是 CSV 表头",
  "The first line names the columns, with commas between.": "第一行应为列名，以逗号分隔。",
  "the file is not a well-formed Parquet table": "文件不是完好的 Parquet 表",
  "Write the file again; it may have been cut short.": "请重新写出该文件；它可能不完整。",
  "the file is not a well-formed CSV table": "文件不是规范的 CSV 表",
  "No row has more fields than the header; a field that holds a comma, a quote or a line break stands in double quotes, and a quote in it is doubled.":
    "任何一行的字段数都不能多于表头；含逗号、引号或换行的字段须用双引号括起，其中的引号须写两次。",
  "the name of a table ends in .csv or .parquet": "表的文件名须以 .csv 或 .parquet 结尾",
  "Name the file so.": "请这样命名文件。",

  // Its columns.
  "no column {}, which {} names": "没有 {2} 所指的列 {1}",
  "no column {}, which the request names": "没有请求所指的列 {}",
  "Correct {}, or add the column to the file.": "请修正 {}，或在文件中添加该列。",
  "Correct the request, or add the column to the file.": "请修正请求，或在文件中添加该列。",
  "no party has a column {}": "没有任何一方有列 {}",
  "Correct {}, or add the column to a party's table.": "请修正 {}，或在某一方的表中添加该列。",
  "{} is at {}": "{} 同时在 {:list}",
  "Write {} as {party: [columns]}, or rename the column.":
    "请将 {1} 写作 {参与方: [列]}，或为该列改名。",
  "column {} is there more than once": "列 {} 出现多次",
  "Give every column of the file its own name.": "请让文件中每一列的名称各不相同。",
  "Rename the column in the file.": "请在文件中为该列改名。",
  "Rename column {} in the file.": "请在文件中为列 {} 改名。",

  // What they hold; never a value of them.
  "column {} must be all numbers and holds {}": "列 {} 必须全为数值，但含有{:say}",
  text: "文本",
  "a missing value": "缺失值",
  "NaN or infinity": "NaN 或无穷大",
  "lists or structures": "列表或结构",
  "dates or times": "日期或时间",
  durations: "时长",
  "binary values": "二进制值",
  "Mend or fill the column, or leave it out of the request.":
    "请修正或填充该列，或不在请求中使用它。",
  "column {} has no text form: it holds {}": "列 {} 没有文本形式：它含有{:say}",
  "Leave the column out of the request, or write it as text or numbers.":
    "请不在请求中使用该列，或将其写为文本或数值。",
  "column {} holds {}, which a CSV cannot hold": "列 {} 含有{:say}，CSV 无法保存",
  "Let the output's name end in .parquet, or take the column out of the table.":
    "请让输出的文件名以 .parquet 结尾，或从表中去掉该列。",
  "column {} has more than {} categories": "列 {} 的类别超过 {} 个",
  "Leave the column out, group its values, or raise max_categories.":
    "请不使用该列、合并其取值，或调大 max_categories。",
  "column {} holds a category that the rules do not have": "列 {} 含有规则中没有的类别",
  "Fit again with data that has it, or with another choice for 'unknown'.":
    "请用含有该类别的数据重新拟合，或为 unknown 另作选择。",
  "column {} has no value to fill the others by": "列 {} 没有可用于填充的值",
  "Use method 'constant' for it, or leave it out of the columns.":
    "请对该列使用 constant 方法，或不处理它。",
  "column {} is of a type that cannot hold the value to fill in": "列 {} 的类型无法保存填充值",
  "Fill it by another method or value, or leave the column out.":
    "请改用其他方法或值填充，或不处理该列。",
  "column {} has too many different values for a mode": "列 {} 的不同取值过多，不能取众数",
  "Fill it by mean, median or constant, or leave it out of the columns.":
    "请用均值、中位数或常量填充，或不处理该列。",
  "column {} holds numbers too large to {}": "列 {} 的数值过大，无法{:say}",
  bin: "分箱",
  scale: "缩放",
  describe: "统计",
  square: "求平方",
  "Divide the column by a power of ten first.": "请先将该列除以 10 的幂。",
  "Divide label and prediction by a power of ten first.": "请先将标签和预测除以 10 的幂。",

  // Keys and rows of several parties.
  "key column {} has rows without a key": "键列 {} 有缺少键的行",
  "Leave those rows out, or choose another key.": "请去掉这些行，或另选键。",
  "key column {} has the same key more than once": "键列 {} 有重复的键",
  "Keep one row per key, or add a column that tells the rows apart.":
    "请每个键只保留一行，或增加能区分各行的列。",
  "key column {} has keys of more than {} bytes": "键列 {} 有超过 {} 字节的键",
  "Choose a shorter key.": "请选用更短的键。",
  "the parties' row counts differ: {}": "各方的行数不同：{}",
  "the parties' rows are not the same entities in the same order; their id_columns differ":
    "各方的行不是按相同顺序排列的相同样本；其标识列（id_columns）不同",
  "id column {} has missing values": "标识列 {} 有缺失值",
  "Give every row an id.": "请让每一行都有标识。",
  "{} and {} have different numbers of rows": "{} 与 {} 的行数不同",
  "{} and {} differ in the id columns": "{} 与 {} 的标识列不同",
  "Give the label of exactly the predicted rows, in their order.":
    "请按相同顺序恰好给出所预测各行的标签。",
  "of {} rows none would be left to train on": "共 {} 行，将没有行可用于训练",
  "Give more rows, or take fewer for the test.": "请提供更多的行，或减少测试行。",
  "Give more rows.": "请提供更多的行。",
  "the tables have {} rows, fewer than a bin may have": "各表有 {} 行，少于一个分箱的最少行数",
  "{} rows are too few for {} columns; values could be worked out from the figures with fewer than {}":
    "{1} 行对 {2} 列过少；少于 {3} 行时可能由统计结果反推出取值",
  "Take more rows, or name fewer columns.": "请使用更多的行，或减少列。",
  "{} columns of numbers; this takes 1 to {}": "有 {} 个数值列；此任务须为 1 至 {} 个",
  "Name the columns.": "请指定列。",
  "column {} has {} groups of {} rows or more; this takes 1 to {}":
    "列 {1} 有 {2} 个不少于 {3} 行的分组；此任务须为 1 至 {4} 个",
  "Bin or encode the column first, or change min_group_rows.":
    "请先对该列分箱或编码，或调整 min_group_rows。",

  // Rules.
  "this is no rules file": "这不是规则文件",
  "this rules file was altered since it was saved": "该规则文件保存后被改动",
  "Use a file that a preprocessing task wrote as its rules_output, unaltered.":
    "请使用预处理任务写出的 rules_output 文件，不作任何改动。",
};
