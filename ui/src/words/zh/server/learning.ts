/** What training and predicting disclose. */
export const learning: Readonly<Record<string, string>> = {
  "the prediction of each row, exactly enough to work back to its score":
    "每一行的预测值，其精度足以反推出得分",
  "the prediction of each row of test_data, exactly enough to work back to its score":
    "test_data 每一行的预测值，其精度足以反推出得分",
  "the number of rows, and which of the named features each party has":
    "行数，以及各方有指定特征中的哪些",
  "that the folders of base_model are of one training (a run where they are not fails)":
    "各方的 base_model 目录出自同一次训练（否则运行失败）",

  // Trees.
  "the order of magnitude of the leaves' weights": "叶子权重的数量级",
  "the number of leaves of all trees": "所有树的叶子总数",
  "for each tree, how many candidate splits each party has, and in each node the sums of the gradients left of every candidate, from which the number of rows and of positive labels there can be worked out; the candidates without names or cuts, in an order that is random for each tree but the same in all of its nodes":
    "对每棵树：各方有多少个候选分裂点，以及在每个节点中每个候选点左侧的梯度之和，由此可推算该处的行数和正样本数；候选点不含名称和切分值，其顺序对每棵树随机，但在同一棵树的所有节点中相同",
  "the shape of every tree, whose feature each split is by, which rows of train_data go to which side of it, and so the model's score of each of these rows":
    "每棵树的形状、每次分裂所用特征属于哪一方、train_data 的哪些行分到哪一侧，因而可知模型对其中每一行的得分",
  "the shape of every tree, and which rows of train_data are in which node, but for the leaves of the last level":
    "每棵树的形状，以及 train_data 的哪些行在哪个节点（最后一层的叶子除外）",
  "which nodes are split best by its own features, and by which cuts; all of them where several are equally good":
    "哪些节点以自己的特征分裂最佳，及其切分点；有多个同样好时则全部得知",
  "how often each feature splits a node, and what that gains in all: where a party has few splits, enough to tell which feature each of them is by":
    "每个特征分裂节点的次数及总增益；当某一方的分裂很少时，足以看出每次分裂用的是哪个特征",
  "the importance of each feature, from the label holder's worker":
    "每个特征的重要性，来自标签持有方的 worker",
  "the importance of each feature": "每个特征的重要性",
  "the score of each row of train_data by the base model": "基础模型对 train_data 每一行的得分",
  "how many candidate splits each feature has: its distinct values less one, or the most":
    "每个特征有多少个候选分裂点：不同取值数减一，或上限",
  "which nodes of which tree split by its own features, and by which feature and value":
    "哪棵树的哪些节点按自己的特征分裂，以及按哪个特征、哪个值分裂",

  // Linear models.
  "which party has the offset and the row weights": "哪一方持有偏移量和行权重",
  "the deviance of the training, and with row weights that of the label's mean":
    "训练的偏差；使用行权重时还有以标签均值预测的偏差",
  "both deviances, from the label holder's worker": "两个偏差，来自标签持有方的 worker",
  "that the deviance is not above twice that of the mean (a training that ends so fails)":
    "偏差未超过以均值预测的两倍（超过则训练失败）",
  "after which step no weight moved by more than the tolerance":
    "从哪一步起各权重的变化不再超过容差",
  "that no row's score ended too far from that of the mean (a training that ends so fails)":
    "没有任何一行的得分最终偏离均值的得分过远（否则训练失败）",
  "the training loss": "训练损失",
  "the training loss, from the label holder's worker": "训练损失，来自标签持有方的 worker",
  "that the loss is not above twice that of no model (a training that ends so fails)":
    "损失未超过无模型时的两倍（超过则训练失败）",
  "that every score of the training lay between -5 and 5 (a training that leaves fails)":
    "训练中的每个得分都在 -5 到 5 之间（超出则训练失败）",

  // Clusters.
  "the cluster of each row of test_data, or of train_data where there is none":
    "test_data 每一行所属的簇；没有 test_data 时为 train_data 的每一行",
  "how many training rows each cluster has, and the inertia": "每个簇的训练行数，以及簇内平方和",
  "the sizes of the clusters and the inertia, from the sizes_receiver's worker":
    "各簇的大小和簇内平方和，来自簇大小接收方的 worker",
  "the sizes of the clusters and the inertia": "各簇的大小和簇内平方和",
};
