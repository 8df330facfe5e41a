/** What is wrong with labels, features and sizes, where a model is trained or evaluated. */
export const training: Readonly<Record<string, string>> = {
  "label {} must be 0 or 1 in every row": "标签 {} 的每一行都必须是 0 或 1",
  "Encode the two classes as 0 and 1.": "请将两个类别编码为 0 和 1。",
  "label {} is the same in every row, so there is nothing to learn":
    "标签 {} 在每一行都相同，没有可学习的内容",
  "Give rows with different labels.": "请提供标签不同的行。",
  "label {} must hold {}, for a {} distribution": "{3} 分布要求标签 {1} 为{2:say}",
  "whole numbers from 0 on (or, beside a weight column, rates)":
    "不小于 0 的整数（有权重列时可为比率）",
  "numbers from 0 on": "不小于 0 的数",
  "numbers above 0": "大于 0 的数",
  "numbers with a mean above 0, with the log link": "均值大于 0 的数（使用 log 连接函数时）",
  "Choose the distribution that the label has, or mend the label.":
    "请选择与标签相符的分布，或修正标签。",
  "label {} is too large or too small for the ring": "标签 {} 的数值对环来说过大或过小",
  "Give it in another unit, for example in thousands, or use FM128.":
    "请换用其他单位（例如千），或使用 FM128。",
  "label {} has values too far above its mean": "标签 {} 有远高于均值的取值",
  "Cap the largest values, or use FM128.": "请截断最大的取值，或使用 FM128。",
  "label {} varies too little to be learnt on {}": "标签 {} 的变化过小，无法在 {} 上学习",
  "Give it in another unit, for example in thousandths, or scale it.":
    "请换用其他单位（例如千分之一），或对其缩放。",
  "label column {} holds others than 0 and 1": "标签列 {} 含有 0 和 1 以外的取值",
  "Code the label as 0 and 1.": "请将标签编码为 0 和 1。",
  "label column {} is the same in every row": "标签列 {} 在每一行都相同",
  "Evaluate rows of both classes.": "请用两个类别的行评估。",
  "prediction column {} is not between 0 and 1": "预测列 {} 不在 0 和 1 之间",
  "Evaluate probabilities, not scores on another scale.": "请评估概率，而非其他尺度的得分。",

  // Numbers on shares.
  "{} holds values beyond {}, with which the computation would overflow or never converge":
    "{1} 含有超出 {2} 的数值，计算会溢出或不收敛",
  "Scale the column first, for example with standard_scaler.":
    "请先缩放该列，例如使用标准化（standard_scaler）。",
  "{} holds values so large that this training could overflow {}":
    "{1} 的数值过大，此训练可能使 {2} 溢出",
  "Scale the column first, for example with standard_scaler, or use FM128.":
    "请先缩放该列，例如使用标准化（standard_scaler），或使用 FM128。",
  "so many steps with this learning_rate could overflow {}": "以此学习率训练这么多步可能使 {} 溢出",
  "Use FM128, a lower learning_rate, a larger batch_size, or fewer epochs.":
    "请使用 FM128、更低的 learning_rate、更大的 batch_size 或更少的 epochs。",
  "{} has 8 fraction bits, which is too coarse for training and prediction":
    "{} 只有 8 位小数，对训练和预测来说过于粗糙",
  "Use FM128, or FM64.": "请使用 FM128 或 FM64。",
  "more than {} rows do not fit in the sums of {}": "超过 {} 行时，{} 的求和会溢出",
  "{} rows are too many for the sums of this model in {}": "{} 行过多，此模型在 {} 中的求和会溢出",
  "{} rows are too many for {}": "{} 行对 {} 来说过多",
  "Use FM128, or fewer rows.": "请使用 FM128，或减少行数。",
  "{} is not standardized: its root mean square is above {}": "{} 未标准化：其均方根大于 {}",

  // How a training ends.
  "the training diverged: its loss is more than twice that of no model":
    "训练发散：损失超过无模型时的两倍",
  "Scale the features (standard_scaler), lower params.learning_rate, or start without a base_model that does not suit these rows.":
    "请缩放特征（standard_scaler）、降低 params.learning_rate，或不使用不适合这些行的 base_model。",
  "the training diverged: its deviance is more than twice that of the mean":
    "训练发散：偏差超过以均值预测的两倍",
  "Standardize the features, lower params.learning_rate, set params.l2_lambda, or start without a base_model that does not suit these rows.":
    "请标准化特征、降低 params.learning_rate、设置 params.l2_lambda，或不使用不适合这些行的 base_model。",
  "the scores left -5 to 5, where the cubic sigmoid holds":
    "得分超出了三次 Sigmoid 适用的 -5 到 5 的范围",
  "Use sig_type t1, scale the features, or lower learning_rate.":
    "请使用 sig_type t1、缩放特征，或降低 learning_rate。",
  "the scores of some rows are too far from that of the mean for this link in {}":
    "在 {} 中，某些行的得分偏离均值得分过远，不适用此连接函数",
  "Standardize the features, cap a skewed label, or set params.l2_lambda; for gamma, take the log link.":
    "请标准化特征、截断偏态的标签，或设置 params.l2_lambda；gamma 分布请使用 log 连接函数。",
  "{} rows do not determine {} weights": "{} 行不足以确定 {} 个权重",
  "Give more rows or fewer features, or set params.l2_lambda.":
    "请提供更多的行或更少的特征，或设置 params.l2_lambda。",
  "{} clusters of {} rows": "{2} 行不能分为 {1} 个簇",
  "Ask for at most as many clusters as there are rows.": "簇数不能多于行数。",
};
