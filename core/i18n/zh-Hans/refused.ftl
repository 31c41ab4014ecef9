# 为何不能这样做，该怎么办

refused-not-enrolled = 本机尚未登记：请输入公司给的登记码。
refused-no-such-order = 本机没有这张工单：请先同步，或问清由谁负责。
refused-needs-exchange = 本机缺少所需资料：请先同步。
refused-no-such-visit = 这次上门不是本机记录的：请另行开始。
refused-visit-ended = 这次上门已结束：请另行开始。
refused-already-open = 本机已有这张工单的上门记录：请继续。
refused-rule = { $message }（{ $rule }）
refused-bad-value = 这个答案不对：请检查后重新输入。
refused-too-long = 内容过长：最多 { $limit } 个字或点。
refused-not-in-price-list = 价目表中没有此项：请从价目表中选择。
refused-not-accepted = 客户尚未同意：请先报价。
refused-bad-amount = 金额有误：请重新点数并输入实收数。
refused-no-numbers = 本机收据号码已用完：请先同步。
refused-series-forked = 另一部手机用同一收据系列开过收据：请告知办公室，不要用这部手机收款。
refused-needs-newer-app = 这部手机的收据由更新的版本写成：请更新应用。
refused-no-such-receipt = 本机没有开过这个号码的收据。
refused-minor = 未成年人不能签名：请成年人签名，或记录无人可签。
refused-no-consent = 须先由客户同意电子签名。
refused-no-strokes = 还没有签名：请客户签名。
refused-no-reason = 请说明没有签名的原因。
refused-changed = 服务单内容已有变动：请重新给客户看。
refused-shift = 请先开班或收班，并点清现金。
refused-repeated = 此项先前已记录。
refused-disk-full = 存储空间已满：请清理后再试。此次未记录。
refused-store = 本机文件暂时无法读写。此次未记录。
refused-enrolment = 公司未接受此登记码：请核对，或索取新的。
