# 剧本的讲述

story-opening = 办公室的服务器在本机运行；以下手机各为一个独立进程：{ $phones }。现在是 { $when }。
story-comma = { "、" }
story-start-shift = 上班，包里备用金 { $amount }
story-close-shift = 交班，点得现金 { $amount }
story-start-visit = 开始上门：工单 { $number }
story-seen-raining-yes = 正在下雨
story-seen-raining-no = 没有下雨
story-seen-renovation-yes = 住所正在装修
story-seen-renovation-no = 住所没有装修
story-seen-adult-yes = 有成年人在场
story-seen-adult-no = 没有成年人在场
story-seen-door-yes = 门开了
story-seen-door-no = 门没有开
story-record = { $step }：{ $value }
story-hand-over = 把 { $amount } 交给 { $to }，双方签字
story-take-cash = 从工号 { $badge } 接过 { $amount }，放进包里
story-invoice = 记下第 { $counter } 号收据要开发票
story-draw-notice = 取一张通知单：{ $number }
story-correct = 更正“{ $step }”为：{ $value }。原因：{ $reason }
story-take-back = 撤回“{ $step }”。原因：{ $reason }
story-explain = 说明原因：{ $reason }
story-finding = { $told ->
    [both] 规则 { $rule }，出处 { $source }。已记录，不拦阻施工。
    [rule] 规则 { $rule }。已记录，不拦阻施工。
    [source] 出处 { $source }。已记录，不拦阻施工。
   *[neither] 已记录，不拦阻施工。
}
story-quote = 报价（第 { $version } 版）：{ $lines }
story-line = { $name } { $quantity } × { $price }
story-line-free = { $name } { $quantity }，免费
story-accept = 客户同意第 { $version } 版报价
story-charge = 收费：{ $line }
story-pay = 收款，唱收唱付：
story-receipt = 收据 { $number }
story-sign = 客户确认，{ $how }：{ $who }
story-finish = 上门结束：{ $outcome }
story-take-photo = 拍照：{ $what }
story-photos = { $count } 张照片已送达办公室
story-repeat = 同一下又点了一次：只算一次
story-cut = 点下的一瞬间，程序被强行结束；重新启动后再点同一下
story-sync = 与办公室交换：送出 { $sent } 条，收到 { $received } 条
story-sync-trouble = 交换不成：{ $why }
story-network-metered = 用上按流量计费的网络
story-photos-wifi-only = 让照片等 Wi-Fi 再传
story-photos-any = 让照片用任何网络上传
story-photos-now = 要求照片马上上传
story-network-off = 断网
story-network-on = 网络恢复
story-network-slow = 网络很慢，或会中断
story-kill = 手机上的程序被强行结束（SIGKILL）
story-restart = 程序重新启动
story-reboot = 手机重新开机
story-backup = 系统备份了手机的文件
story-restore = 手机的文件被还原成旧备份
story-clock = 手机时钟现在显示 { $time }
story-enrol = 手机已登记
story-enrol-again = 手机换了新证书，未发出的记录由新证书接手
story-open = 开出工单 { $number }
story-assign = 把工单 { $number } 派给 { $to }
story-cancel = 取消工单 { $number }：{ $reason }
story-decide = 就工单 { $number } 的 { $rule } 作出决定：{ $choice }
story-revoke = 停用手机：{ $device }
story-release = 决定 { $device } 手机被暂存的记录：{ $choice }
story-code = 给 { $to } 发一次性登记码
story-publish = 发布 { $key }
story-refused = 被拒绝：{ $why }
story-phone-shows = 手机显示：{ $headline }
story-no-conflicts = 没有冲突
story-conflicts = 要看的冲突：{ $count } 项
story-receipt-holds = 离线核对收据 { $counter }：有效，{ $amount }，付款人 { $payer }
story-refund-holds = 离线核对退款单 { $counter } 的二维码文字：有效，{ $amount }，退给 { $payer }
story-visit-holds = 导出工单 { $number } 的上门记录并核对：{ $events } 条记录全部有效
story-outside-holds = 独立的 Python 程序（verify.py）：{ $line }
story-outside-refused = 独立的 Python 程序不认可：{ $why }
story-outside-not-run = 这里没有运行独立的 Python 核对：{ $how }
story-ends-well = 结束：{ $expectations } 项预期全部符合。
story-ends-badly = 结束：与剧本不符。预期 { $expectations } 项，其中 { $missed } 项不符；{ $failures } 个步骤与剧本不同。
story-altered = 改动一个字节，再核对一次
story-void = 作废第 { $counter } 号收据：{ $reason }
story-refund = 按批准退还 { $device } 第 { $counter } 号收据的款项
story-return-deposit = 退还 { $device } 第 { $counter } 号收据的押金
story-erase-photos = { $photos ->
    [0] 应客户要求删除 { $order } 的全部照片
   *[other] 应客户要求删除 { $order } 的照片：{ $named }
}
story-approve-refund = 批准退还 { $device } 第 { $counter } 号收据中的 { $amount }
story-judge-claim = 记下支付机构对 { $device } 第 { $counter } 号收据的答复：{ $result ->
    [settled] 款项已到账
   *[bounced] 没有这笔付款
 }
story-hazard = 记录隐患：{ $item }，{ $grade } 级
story-duty = { $duty ->
    [tag] 挂上警示牌
    [notice] 送达通知单 { $number }
    [witness] 写下见证人
    [photo-before] 处置前拍照
    [photo-after] 处置后拍照
   *[other] 完成该等级要求的事项
 }
story-recheck-passed = 复检：已整改
story-recheck-failed = 复检：未整改，{ $grade } 级
story-shut-off = 关闭：{ $what ->
    [appliance] 灶具前阀
    [supply] 停止供气（纸质单据）
   *[valve] 入户阀
 }
story-restore-gas = 恢复供气
story-read-meter = 抄表 { $meter }：{ $value }
story-read-nothing = ，不计算用量
story-read-used = ，用量 { $usage } 立方米
story-read-preview = ，用量 { $usage } 立方米，约 { $amount }
story-office = 向办公室登记：{ $path }
story-told-reading = 收到工单 { $number } 的自报或上传读数：表 { $meter }，{ $value }
story-change = 改动工单 { $number }：{ $detail ->
    [phone] 客户电话
    [access_note] 入户须知
    [appointment] 上门时间
    [no_appointment] 取消上门时间
   *[warning] 安全提示
  }
story-given-back = 退还：{ $amount }
story-held = ⏸ 扣下：{ $device }的手机，{ $what }，{ $count } 条记录。{ $why }
story-pack = 把未传的写成文件：{ $count } 条记录
story-carry = 把 { $device } 的文件带到办公室，并带回回执
story-unpack = 读入回执：送出 { $sent } 条，收到 { $received } 条
story-server-backup = 服务器已备份，备份逐条核对过：{ $events } 条记录已安全
story-server-restore = 服务器恢复到备份，开始新的一期
story-server-restore-untold = 服务器恢复到备份，但没有人告诉它
story-read-next = 顺路抄工单 { $number } 的表：{ $value }
story-hand-visit = 把工单 { $number } 的上门移交给 { $device }
story-take-visit-back = 收回 { $number } 的上门
story-take-visit = 接手工单 { $number } 的上门
