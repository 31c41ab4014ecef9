# 收款收据：行宽 32 或 48 个半角字符

receipt-title = 收款收据
receipt-deposit-title = 押金收据
receipt-deposit-keep = 此为押金，不是费用：退瓶时凭本收据退还，请妥善保存。
receipt-not-invoice = 本收据不是发票，如需发票请告知收款人。
receipt-void = 作废
receipt-copy = 第 { $copy } 次补打
receipt-number = 收据号
receipt-issued = 时间
receipt-payer = 付款人
receipt-premises = 地址
receipt-total = 合计
receipt-amount = 本次收款
receipt-capitals = 大写
receipt-method = 付款方式
receipt-reference = 交易号
receipt-tendered = 收您
receipt-change = 找您
receipt-pending = 款项为付款人声称已付，尚未核实。
receipt-payee = 收款人
receipt-named = { $name }（工号 { $badge }）
receipt-badge = 工号 { $badge }
receipt-licence = 许可证 { $licence }
receipt-hotline = 服务热线 { $hotline }
receipt-scan = 扫码可核对本收据
receipt-scan-all = 第{ $code }码，共{ $of }码：全部扫码可核对

refund-title = 退款单
refund-deposit-title = 押金退还单
refund-of = 原收据号
refund-amount = 退还金额
refund-method = 退款方式
refund-worker = 退款人
refund-receipt-stands = 原收据仍然有效，其已付金额减去本单金额。
refund-scan = 扫码可核对本退款单
refund-deposit-stands = 原押金收据的余额相应减少。

handed-code-title = 接手上门
handed-code-scan = 移交上门：请在另一部手机上扫这个码。
