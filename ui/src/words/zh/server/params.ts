/** What a task type's parameters do. */
export const params: Readonly<Record<string, string>> = {
  // Intersection and splits.
  "KKRT_PSI_2PC (default), RR22_PSI_2PC, ECDH_PSI_2PC for two parties; ECDH_PSI_3PC (default), ECDH_PSI_NPC, KKRT_PSI_NPC for three.":
    "两方：KKRT_PSI_2PC（默认）、RR22_PSI_2PC、ECDH_PSI_2PC；三方：ECDH_PSI_3PC（默认）、ECDH_PSI_NPC、KKRT_PSI_NPC。",
  "Beside inner: rows of one side (left, right) or both (full) that have no match follow the matches, and the other party gets empty rows there. Two parties only; every party learns the result.":
    "除 inner 外：一侧（left、right）或两侧（full）没有匹配的行接在匹配行之后，另一方在该处得到空行。只用于两方，每一方都得知结果。",
  "The left party of an outer join; the receiver by default.": "外连接的左方；默认为接收方。",
  "Sort the rows by key. A sole receiver's rows are in the order of its table otherwise; where every party gets rows they are sorted anyway, to be aligned.":
    "按键排序。否则唯一接收方的行保持原表顺序；各方都得到行时总会排序，以便对齐。",
  "The test rows: a share of all (rounded up), or how many.":
    "测试行：占全部行的比例（向上取整），或行数。",
  "Choose the test rows by chance; else they are the last ones.":
    "随机选取测试行；否则取最后的行。",
  "The same seed chooses the same rows of as many. Every party knows it.":
    "相同的种子在行数相同时选出相同的行，各方都知道它。",

  // Preparing.
  "The number of bins; required unless bin_edges has every column.":
    "分箱数；除非 bin_edges 给出了每一列，否则必填。",
  "The number of bins of a column of numbers, at most.": "数值列的最多分箱数。",
  "Edges of your own for some of the columns: ascending, the outer two included, so one more than bins. A value outside is in the first or the last bin.":
    "为部分列自定的边界：递增，含两端，因此比分箱数多一个。超出两端的值归入第一个或最后一个分箱。",
  "Edges of your own for some of the columns: ascending, the outer two included. A value outside is in the first or the last bin.":
    "为部分列自定的边界：递增，含两端。超出两端的值归入第一个或最后一个分箱。",
  "Write a bin as its number from 0, or as its name such as (1.5, 4.0].":
    "分箱写为从 0 开始的编号，或写为名称，如 (1.5, 4.0]。",
  "What tells the types called binning apart.": "用于区分名为 binning 的各任务类型。",
  "How columns of numbers are binned.": "数值列的分箱方式。",
  "Join bins with fewer rows with others: few rows would tell the feature's owner their labels.":
    "行数更少的分箱会与其他分箱合并：行数过少会让特征所属方得知其标签。",
  "Return the information value of every feature.": "返回每个特征的信息值（IV）。",
  "One for all columns, or {column: method}.": "所有列用同一种方法，或写 {列: 方法}。",
  "What method 'constant' fills in: one for all, or {column: value}.":
    "constant 方法的填充值：所有列相同，或写 {列: 值}。",
  "What becomes of a category that only new data has, where the rules are applied: 'error' refuses the table, 'value' writes unknown_value, 'missing' nothing.":
    "应用规则时，如何处理只在新数据中出现的类别：error 拒绝该表，value 写入 unknown_value，missing 留空。",
  "What becomes of a category that only new data has, where the rules are applied: 'error' refuses the table, 'zeros' gives it 0 in every column.":
    "应用规则时，如何处理只在新数据中出现的类别：error 拒绝该表，zeros 在每一列写 0。",
  "A number that is no category's.": "不与任何类别相同的数。",
  "Refuse a column that has more categories.": "类别更多的列会被拒绝。",
  "The smallest and the largest value that a fitted column has afterwards.":
    "拟合的列在处理后的最小值和最大值。",
  "Where rules are applied: bring what is beyond the fitted ends to the range's ends.":
    "应用规则时，把超出拟合范围的值截到区间两端。",
  "Leave out the column of each first category.": "省去每列第一个类别对应的列。",
  "Return the names of the new columns, and with them the categories.":
    "返回新列的名称，其中含有类别。",
  "Subtract the mean.": "减去均值。",
  "Divide by the standard deviation.": "除以标准差。",

  // Understanding and evaluating.
  "Groups of fewer rows are left out: few rows would tell their values.":
    "行数更少的分组会被略去：行数过少会透露其取值。",
  "The report also tells how many values of each column lie in each of so many intervals of equal width. 0: it does not; an interval may hold a single value.":
    "报告还会给出各列在这么多个等宽区间内的取值个数；0 表示不给出。某个区间可能只有一个取值。",
  "Tell the receivers the standard errors too. With the statistics they give the coefficients, which otherwise stay secret.":
    "同时告知接收方标准误。结合统计量即可得到系数，否则系数保密。",
  "The number of buckets of rows and bins of scores.": "行的分桶数和得分的分箱数。",
  "The number of buckets of rows, and of bins of residuals, in the report.":
    "报告中行的分桶数和残差的分箱数。",

  // Linear models.
  "Passes over the rows; there is no early stop.": "遍历各行的次数，不会提前停止。",
  "At most so many passes over the rows.": "遍历各行的最多次数。",
  "Of every step.": "每一步的学习率。",
  "Of every step of sgd.": "sgd 每一步的学习率。",
  "Rows per step. The rows that do not fill the last batch of an epoch are left out, as in SecretFlow; with fewer rows than this, a batch is all of them. On CHEETAH a step is dear: take thousands, and sig_type cubic where it holds.":
    "每一步的行数。与 SecretFlow 相同，不足一批的行在该轮中略去；总行数更少时，一批即全部行。在 CHEETAH 上每一步代价较高：请取数千，并在适用时使用 sig_type cubic。",
  "Rows per step of sgd. The rows that do not fill the last batch of an epoch are left out; with fewer rows than this, a batch is all of them.":
    "sgd 每一步的行数。不足一批的行在该轮中略去；总行数更少时，一批即全部行。",
  "logistic takes a label of 0 and 1.": "logistic 需要 0 和 1 的标签。",
  "l2: weight decay as in SecretFlow. l1: proximal steps (SecretFlow has none). Both are divided by the batch size and leave the bias alone.":
    "l2：权重衰减，与 SecretFlow 相同；l1：近端梯度（SecretFlow 没有）。二者都除以批大小，且不作用于截距。",
  "Weight of penalty l2.": "L2 正则的权重。",
  "Weight of penalty l1.": "L1 正则的权重。",
  "The sigmoid of the training: t1 is a line that is cut off at 0 and 1; cubic is nearer to the sigmoid and about twice as fast, for standardized features only: a training whose scores leave -5 to 5 fails.":
    "训练所用的 Sigmoid：t1 是在 0 和 1 处截断的直线；cubic 更接近 Sigmoid，速度约为两倍，但只用于标准化的特征：得分超出 -5 到 5 时训练失败。",
  "A column at one party that is added to each row's score, such as the log of an exposure: its name, or {party: name}. The rows to predict need it too.":
    "某一方的一列，加到每一行的得分上，例如风险暴露的对数：写列名，或写 {参与方: 列名}。待预测的行也需要它。",
  "A column at one party of how much each row counts in the training: its name, or {party: name}.":
    "某一方的一列，表示每一行在训练中的权重：写列名，或写 {参与方: 列名}。",
  "Of the label, given the features.": "给定特征时标签的分布。",
  "From the mean to the score. Left out: identity for normal, logit for bernoulli, log for poisson, gamma and tweedie. normal takes log too, gamma reciprocal.":
    "从均值到得分的连接函数。不填时：normal 为 identity，bernoulli 为 logit，poisson、gamma 和 tweedie 为 log。normal 也可用 log，gamma 也可用 reciprocal。",
  "Of tweedie: the variance is the mean to this power. 0, 1, 2, or from 1.01 to 1.99.":
    "用于 tweedie：方差为均值的此次幂。取 0、1、2，或 1.01 到 1.99。",
  "A guess of the distribution's dispersion; it weighs the penalty only.":
    "对分布离散度的估计，只影响正则项的权重。",
  "irls: Newton steps over all rows, a few of which are enough. sgd: many small steps; quicker only where there are hundreds of features.":
    "irls：在全部行上的牛顿步，几步即可；sgd：许多小步，只在特征有数百个时更快。",
  "Of irls: it stops when no weight moved by more, in units of the standardized label. Every party sees when that is. 0: all the epochs, and nobody sees anything.":
    "用于 irls：当各权重的变化都不超过此值（以标准化标签为单位）时停止，各方都能看到何时停止。0 表示跑完所有轮次，且无人看到任何信息。",
  "Penalty of l2_lambda / 2 times the squared weights, beside the log-likelihood of all rows; the intercept has none.":
    "在全部行的对数似然之外，加 l2_lambda / 2 乘以权重平方的惩罚，不作用于截距。",

  // Trees.
  "Trees.": "树的数量。",
  "Levels of splits of a tree.": "一棵树的分裂层数。",
  "Factor of every leaf weight.": "每个叶子权重的系数。",
  "xgboost's binary:logistic and reg:squarederror are accepted too.":
    "也接受 xgboost 的 binary:logistic 和 reg:squarederror。",
  "Below 0.001 it counts as 0.001.": "小于 0.001 时按 0.001 计。",
  "Share of the rows that each tree uses; SecretFlow's rowsample_by_tree too.":
    "每棵树使用的行的比例；即 SecretFlow 的 rowsample_by_tree。",
  "Share of the rows that each tree uses.": "每棵树使用的行的比例。",
  "Share of the features that each tree uses.": "每棵树使用的特征的比例。",
  "The margin that the first tree starts from.": "第一棵树的初始分数。",
  "Each feature gets 1/sketch_eps buckets, at most.": "每个特征最多分为 1/sketch_eps 个桶。",
  "Each feature gets 1/sketch_eps buckets.": "每个特征分为 1/sketch_eps 个桶。",
  "Of the samples; public.": "抽样所用的种子，公开。",
  "A node splits only for a gain above this.": "增益大于此值时节点才分裂。",
  "Tell the label holder, and so the sender, how often each feature of every party splits a node and what that gains.":
    "告知标签持有方（因而也告知请求的发送者）各方每个特征分裂节点的次数及增益。",
  "Fill every feature up to as many candidate splits, so that nobody learns how many distinct values another party's feature has. false is faster where features have few values, as those of onehot_encoder, and tells every party these numbers.":
    "将每个特征的候选分裂点补到同样多，使任何人都不会得知他方特征有多少个不同取值。false 在特征取值很少时（如独热编码之后）更快，但会让各方得知这些数量。",
  "Tell every party which of its own candidates split which nodes, if any, so that it can say itself which rows are left of them. Faster, most of all on CHEETAH; SecretFlow tells every party all splits.":
    "告知各方自己的哪些候选点分裂了哪些节点，使其能自行判断哪些行在左侧。速度更快，在 CHEETAH 上尤其如此；SecretFlow 会把所有分裂告知各方。",

  // Clusters.
  "Clusters; at most one per row.": "簇的数量；不超过行数。",
  "Steps of a start; there is no early stop.": "每次启动的步数，不会提前停止。",
  "Starts, of which the one of the least inertia stays.": "启动次数，保留簇内平方和最小的一次。",
  "The first centres: rows that k-means++ spreads, chosen among up to 512 random ones; or random rows. Nobody learns the values of either.":
    "初始中心：由 k-means++ 在最多 512 个随机行中分散选取，或随机选取的行。无人得知其取值。",
  "Of the random choices; public.": "随机选择所用的种子，公开。",
};
