# 收款收據：行寬 32 或 48 個半形字元

receipt-title = 收款收據
receipt-deposit-title = 押金收據
receipt-deposit-keep = 此為押金，不是費用：退瓶時憑本收據退還，請妥善保存。
receipt-not-invoice = 本收據不是發票，如需發票請告知收款人。
receipt-void = 作廢
receipt-copy = 第 { $copy } 次補印
receipt-number = 收據編號
receipt-issued = 時間
receipt-payer = 付款人
receipt-premises = 地址
receipt-total = 合計
receipt-amount = 本次收款
receipt-capitals = 大寫
receipt-method = 付款方式
receipt-reference = 交易編號
receipt-tendered = 收您
receipt-change = 找您
receipt-pending = 款項為付款人聲稱已付，尚未核實。
receipt-payee = 收款人
receipt-named = { $name }（工號 { $badge }）
receipt-badge = 工號 { $badge }
receipt-licence = 許可證 { $licence }
receipt-hotline = 服務熱線 { $hotline }
receipt-scan = 掃碼可核對本收據
receipt-scan-all = 第{ $code }碼，共{ $of }碼：全部掃碼可核對

refund-title = 退款單
refund-deposit-title = 押金退還單
refund-of = 原收據編號
refund-amount = 退還金額
refund-method = 退款方式
refund-worker = 退款人
refund-receipt-stands = 原收據仍然有效，其已付金額減去本單金額。
refund-scan = 掃碼可核對本退款單
refund-deposit-stands = 原押金收據的餘額相應減少。

handed-code-title = 接手上門
handed-code-scan = 移交上門：請在另一部手機上掃這個碼。
