# 冲突：不能不加说明就同时成立的两件事

conflict-title = { $rule }：{ $title }
conflict-side-cancelled = { $time }  { $who } 取消了工单：{ $detail }
conflict-side-finished = { $time }  { $who } { $detail ->
    [completed] 完成了施工
    [made_safe] 做了安全处置
   *[other] 结束了上门
  }；收费：{ $charged }
conflict-side-visited = { $time }  { $who } 开始上门，{ $detail ->
    [completed] 之后已完成
    [made_safe] 之后做了安全处置
    [unfinished] 尚未结束
   *[other] 之后已结束
  }；收费：{ $charged }
conflict-side-assigned = { $time }  { $who } 把工单改派给{ $to }
conflict-side-expired = { $time }  { $who } 按过期关闭了工单：{ $detail }
conflict-side-signed = { $time }  客户在 { $who } 处签字；当时收费：{ $charged }
conflict-side-charged = { $time }  { $who } 又加了收费；现收费：{ $charged }
conflict-side-corrected = { $time }  { $who } 更正了已签字的内容；现收费：{ $charged }
conflict-side-standard-published = { $time }  标准 { $standard } 第 { $version } 版已发布，自 { $from } 起必须执行
conflict-side-visited-by = { $time }  { $who } 按第 { $version } 版上门
conflict-side-photo-taken = { $time }  { $who } 拍了一张照片
conflict-side-photo-awaited = { $time }  照片最迟应在此时送达
conflict-side-prices-published = { $time }  价目表第 { $version } 版已发布；按新价：{ $new }，差额：{ $difference }
conflict-side-prices-in-force = { $time }  当日适用的是价目表第 { $version } 版；按该版：{ $new }，差额：{ $difference }
conflict-side-quoted = { $time }  客户接受了 { $who } 按第 { $version } 版的报价：{ $old }
conflict-side-opened = { $time }  { $who } 开了工单 { $number }
conflict-side-worked = { $time }  { $who } 在工单 { $number } 上做完；收费：{ $charged }
conflict-side-moved-out = { $time }  客户已搬走（{ $who } 登记）
conflict-side-signed-by = { $time }  { $who } 处有人签字
conflict-nothing = 无
conflict-open = 待{ $looks ->
    [dispatcher] 调度员
   *[supervisor] 主管
  }决定。在此之前：{ $choice }。
conflict-decided = { $who } 于 { $time } 决定：{ $choice }。
conflict-earlier = 新情况出现之前，{ $who } 于 { $time } 决定：{ $choice }。
conflict-looks-dispatcher = 调度员
conflict-looks-supervisor = 主管
conflict-server = 服务器
conflict-hidden = （不可见）
conflict-side-read = { $time }  { $who } 抄表 { $meter }：{ $value }
conflict-side-sent = { $time }  燃气表 { $meter } 上传：{ $value }
conflict-side-closed = { $time }  { $who } 复检已整改：{ $item }
conflict-side-found-worse = { $time }  { $who } 发现未整改：{ $item }，{ $grade } 级
conflict-side-shut-off = { $time }  { $who } 关闭了燃气
conflict-side-restored = { $time }  { $who } 恢复了供气
conflict-side-gave-back = { $time }  { $who } 退还了第 { $number } 号收据的 { $amount }
conflict-side-gave-deposit-back = { $time }  { $who } 在工单 { $order } 退还押金收据 { $number } 的 { $amount }；该收据为 { $paid }
conflict-side-took-money = { $time }  { $who } 上门收款 { $amount }，收据 { $number }
conflict-side-desk-took-money = { $time }  { $who } 在营业厅收款 { $amount }，收据 { $number }
conflict-side-set-phone = { $time }  { $who } 记下电话 { $value }
conflict-side-set-access-note = { $time }  { $who } 记下入户须知：{ $value }
conflict-side-agreed-appointment = { $time }  { $who } 与客户约好：{ $from } 至 { $to }
conflict-side-planned-appointment = { $time }  { $who } 排定：{ $from } 至 { $to }
conflict-side-called-appointment-off = { $time }  { $who } 取消了约定的上门时间
conflict-side-put-warning-up = { $time }  { $who } 提示注意：{ $code }
conflict-side-took-warning-away = { $time }  { $who } 取消提示：{ $code }
conflict-side-wrong-clock = { $time }  { $who } 记下了这一项；设备的时钟显示 { $wall }
conflict-side-asked-erasure = { $time }  { $who } 记下：客户要求删除个人资料
conflict-side-held-back = { $time }  { $who } 记录了被暂存的内容，共 { $count } 条
conflict-side-had-first = { $time }  { $who } 记录了公司先收到的内容，共 { $count } 条
conflict-side-worked-unsent = { $time }  { $who } 继续处理这张工单，之后才传来
conflict-side-issued-receipt = { $time }  { $who } 为工单 { $order } 开出收据 { $number }：{ $amount }
conflict-side-read-crossed = { $time }  { $who } 在工单 { $number } 抄到表 { $meter }，而登记的是 { $expected }：{ $value }
conflict-side-bottle-delivered = { $time }  { $who } 交付气瓶 { $code }，工单 { $number }
conflict-side-bottle-returned = { $time }  { $who } 收回气瓶 { $code }，工单 { $number }
