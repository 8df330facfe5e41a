/** What task types disclose: a sentence of each line of who learns what. */
export const facts: Readonly<Record<string, string>> = {
  "the number of rows": "行数",
  "that the id columns are equal in every row (a run where they are not fails)":
    "标识列逐行相同（不同则运行失败）",
  "from an error, which column of a table is absent or does not fit the task, and how":
    "从错误信息得知：表中哪一列缺失或不符合任务要求，以及原因",

  // Intersection.
  "which of its own keys are in the intersection": "自己的哪些键在交集中",
  "the size of the intersection of two of the parties": "其中两方的交集大小",
  "how many rows of the other have no match": "另一方有多少行没有匹配",
  "the number of rows, and of those in the intersection where it is learned":
    "行数，以及在得知交集之处交集的行数",

  // Preparing.
  "the names of the columns that its rules are about": "其规则所涉及的列名",
  "the edges of the bins of its own columns": "自己各列的分箱边界",
  "which of the named columns a table has, and how many bins each got, so whether it has fewer distinct values than bins":
    "表中有指定列中的哪些，以及每列得到多少个分箱，因而可知其不同取值是否少于分箱数",
  "the value that fills its own columns": "填充自己各列所用的值",
  "the names of the columns that the method could fill: by mean and median those of numbers":
    "该方法可填充的列名：均值和中位数法为数值列",
  "the categories of its own columns": "自己各列的类别",
  "which of the named columns a table has": "表中有指定列中的哪些",
  "the smallest and the largest value of its own columns": "自己各列的最小值和最大值",
  "the names of the columns that were scaled, so which are all numbers":
    "被缩放的列名，因而可知哪些列全为数值",
  "which of the named columns a table has, and how many categories each has":
    "表中有指定列中的哪些，以及每列有多少个类别",
  "the categories of the named columns": "指定列的类别",
  "the mean and standard deviation of its own columns": "自己各列的均值和标准差",

  // Understanding.
  "the sum and the sum of squares of each column of values in each group of min_group_rows rows or more, and so its mean and deviation; a group party that does not keep to the program could ask for other sets of rows":
    "在行数不少于 min_group_rows 的每个分组中，各统计列的总和与平方和，因而可知均值和标准差；不遵守程序的分组方可能查询其他行集合",
  "how many groups have min_group_rows rows or more": "有多少个分组的行数不少于 min_group_rows",
  "what group_party learns, the groups' names and row counts, how many smaller groups and rows without a group there are":
    "分组方得知的内容、各分组的名称和行数，以及较小分组的数量和不属于任何分组的行数",
  "the number of rows, and which of the named columns each party has":
    "行数，以及各方有指定列中的哪些",
  "the number of rows, and the names of all columns of numbers": "行数，以及所有数值列的列名",
  "the correlation of every two columns, and which columns are constant":
    "每两列之间的相关系数，以及哪些列是常量",
  "the same, from a receiver's worker": "同上，来自接收方的 worker",
  "the same, and the number of rows": "同上，以及行数",
  "the same, and each table's row count": "同上，以及每张表的行数",
  "the number of rows, and the names of the model's features": "行数，以及模型的特征名",
  "the Wald statistic of every coefficient with its sign, so its p-value, and which features their own party's others determine":
    "每个系数带符号的 Wald 统计量，因而可知其 P 值，以及哪些特征可由同一方的其他特征确定",
  "the standard errors, and with the statistics the coefficients themselves":
    "标准误；结合统计量即可得到系数本身",
  "the statistics of its own columns": "自己各列的统计量",
  "count, missing, mean, standard deviation, minimum, quartiles and maximum of the columns named, or of every column of numbers where none is; minimum, quartiles and maximum are values of the data, or lie between two of them":
    "指定列（未指定时为所有数值列）的计数、缺失数、均值、标准差、最小值、四分位数和最大值；其中最小值、四分位数和最大值是数据中的取值，或介于两个取值之间",
  "how many values lie in each of the intervals, of the same columns":
    "上述各列在每个区间内的取值个数",
  "the variance inflation of every column, which columns others determine (and whether others of the same party do), and which are constant; not the correlations":
    "每一列的方差膨胀因子，哪些列可由其他列确定（以及是否由同一方的列确定），哪些列是常量；不含相关系数",
  "the number of rows, which of the named features each party has, and how many bins they have together":
    "行数、各方有指定特征中的哪些，以及合计的分箱数",
  "how many rows have label 1, in all and in each bin of its own features, and so WOE and IV. Where all rows of a bin or none have label 1 that is the label of each; what several features and runs with other bins tell adds up. No bin has fewer than min_bin_count rows":
    "标签为 1 的行数：总数及自己特征的每个分箱中的数量，因而可知证据权重（WOE）和信息值（IV）。若某分箱所有行的标签均为 1 或均不为 1，即可知其中每一行的标签；多个特征以及采用不同分箱的多次运行所透露的信息会累加。每个分箱不少于 min_bin_count 行",
  "the number of bins of each feature, fewer than bin_num where values repeat; and from an error, which column does not fit the task, and how":
    "每个特征的分箱数，取值重复时少于 bin_num；并从错误信息得知哪一列不符合任务要求及原因",
  "the information value of each feature": "每个特征的信息值（IV）",
  "edges or categories of the bins, rows and positive rows in each, WOE and IV":
    "分箱的边界或类别、每个分箱的行数和正样本行数、证据权重（WOE）和信息值（IV）",

  // Evaluating.
  "the metrics and curves": "指标和曲线",
  "the six metrics": "六项指标",
  "the four metrics": "四项指标",
  "the metrics and curves, row counts and single predicted values among them":
    "指标和曲线，其中含行数和个别预测值",
};
