# 界面文字

status-open = 未派单
status-assigned = 已派单
status-in-progress = 进行中
status-attempted = 曾上门，未能完成
status-done = 已完成
status-cancelled = 已取消
status-expired = 已过期

today-none = 今天没有工单。
today-headline = 共 { $orders } 单，待办 { $open } 单
today-headline-overdue = 共 { $orders } 单，待办 { $open } 单，其中 { $overdue } 单已逾期
today-due = { $when } 前
today-overdue = 已逾期，应在 { $when } 前
today-conflicts = 待主管裁定的冲突：{ $count } 项
today-progress = 已完成 { $done } / { $orders } 单
today-appointment = 约定 { $from } 至 { $to }
today-appointment-planned = 排定 { $from } 至 { $to }
today-appointment-missed = 约定 { $from } 至 { $to }，尚未上门
today-promise = { $promise }：{ $when } 前
today-promise-broken = { $promise }：应在 { $when } 前，已逾期
today-hazard = 未整改：{ $item }，{ $grade }
today-hazard-due = 未整改：{ $item }，{ $grade }，须在 { $when } 前整改
today-hazard-overdue = 未整改：{ $item }，{ $grade }，应在 { $when } 前整改，已逾期

kind-repair = 维修
kind-installation = 安装
kind-inspection = 安检
kind-meter-reading = 抄表
kind-delivery = 送气
kind-call-back = 回访
speaks-zh-hans = 单据用简体中文
speaks-zh-hant = 单据用繁体中文
speaks-en = 单据用英文

next-emergency = 先去抢险：{ $address }
next-appointment = 约定 { $time }：{ $address }
next-planned = 排定 { $time }：{ $address }
next-door = 隔壁：{ $address }
next-floor = 同一单元，{ $floor } 楼：{ $address }
next-stair = 同一栋，{ $stair }：{ $address }
next-stop = 下一户：{ $address }

notice-c1-work-stands = 工单 { $number } 在您施工时被取消。裁定：您的工作有效，照常收费。
notice-c1-work-stands-uncharged = 工单 { $number } 在您施工时被取消。裁定：工作有效，费用退还客户。
notice-c2-first-counts = 工单 { $number } 有两人上门。裁定：以先完成的一次为准。
notice-c2-both-count = 工单 { $number } 有两人上门。裁定：两次都算。
notice-decided = 工单 { $number }：{ $title }。裁定：{ $choice }。
notice-decided-own = 您手机的收据或班次：{ $title }。裁定：{ $choice }。
notice-other = 工单 { $number }：按规则 { $rule } 裁定为 { $choice }。请更新应用查看详情。
notice-other-own = 已按规则 { $rule } 决定：{ $choice }。请更新应用以查看说明。

search-none = 没有找到。
search-found = 找到 { $count } 项
search-more = 找到超过 { $count } 项，请再输入一些

reading-used = 自上次抄表用气 { $usage } 立方米
reading-credit = 此前估抄多计 { $credit } 立方米
reading-unknown = 用气量不明
reading-flag-backwards = 低于上次读数
reading-flag-rolled-over = 字轮翻转
reading-flag-high = 远高于平常用量
reading-flag-low = 远低于平常用量
reading-flag-zero = 用量为零
reading-flag-wrong-meter = 表号与档案不符
reading-flag-display-differs = 字轮与显示不一致
reading-flag-swapped = 已换表
reading-flag-too-many-digits = 位数超过字轮数
reading-flag-too-many-estimates = 连续估抄次数过多
reading-flag-for-review = 已送主管复核

kit-tool = 工具
kit-part = 配件
kit-paper = 单据
certificate-missing = { $title }：没有您的记录。上岗前请先联系公司。
certificate-ended = { $title }：已于 { $until } 到期。上岗前请先联系公司。
certificate-ends-soon = { $title }：{ $until } 到期，请办理续期。
certificate-valid = { $title }：有效期至 { $until }
evening-visits = 请结束未完成的上门：{ $count } 次
evening-count = 请清点现金并交班。
evening-unsent = 请与公司同步：{ $count } 条记录只在本机。
evening-photos = 请与公司同步：{ $count } 张照片只在本机。

visit-ended = 已于 { $when } 结束：{ $outcome }
visit-handed-over = { $when } 移交给同事
visit-taken-over = 接手自工号 { $badge }，其开始于 { $when }
visit-taken-over-unconfirmed = 接手自工号 { $badge }，其开始于 { $when }；公司尚未确认
answer-by = 工号 { $badge } 所做
visit-progress = 已做 { $done } / { $required } 项
limit-times = 最多 { $most } 次。
limit-between = 再做之前至少等 { $least } 秒。

answer-done = 已做
answer-corrected = 已更正；原为：{ $before }
answer-taken-back = 已撤回；原为：{ $before }
answer-written = 已填写
answer-photo = 已拍照
answer-seconds = { $seconds } 秒
answer-comma = 、
answer-item = { $item }：{ $answer }
item-pass = 合格
item-hazard = 有隐患
item-not-applicable = 不适用
item-not-checkable = 无法检查

photo-tally = 已上传 { $sent } / { $taken } 张
photo-tally-refused = 已上传 { $sent } / { $taken } 张，{ $refused } 张公司暂不接收
photo-waiting = 待上传（{ $kilobytes } kB）
photo-sending = 上传中：{ $kilobytes } kB 的 { $percent }%
photo-sent = 公司已收到
photo-elsewhere = 由另一部手机拍摄
photo-refused-quota = 本机今天的照片已达上限，明天会自动上传。请保持手机现状。
photo-refused-too-large = 照片过大，公司无法接收：请拍一张较小的并更正该项。
photo-refused-unknown = 公司还没有收到提及它的记录：请再同步一次。照片仍在本机。
photo-refused-not-yours = 它属于另一部手机的记录：请联系公司。照片仍在本机。
photo-refused-differs = 传到时已损坏，下次同步后重新上传。若一直如此，请重新拍摄。
photo-refused-stuck = 未能传完，下次同步后重试。
photo-refused-other = 公司暂不接收，下次同步后重试。照片仍在本机。

quote-none = 尚未报价。收费的工作须先向客户报价。
quote-offered = 第 { $version } 次报价 { $amount }：等待客户同意
quote-accepted = 第 { $version } 次报价 { $amount }：客户已同意
pay-due = 应收 { $amount }
pay-tendered = 收您 { $amount }
pay-change = 找您 { $amount }，请当面点清
pay-missing = 还差 { $amount }
pay-nothing = 没有应收款，请勿收钱。
pay-refused = 金额有误，请重新点数并输入实收数。

sign-who = 须由成年住户或客户委托的成年人签名，未成年人不得签名。
sign-role-owner = 业主
sign-role-tenant = 租客
sign-role-family = 家属
sign-role-agent = 受托人
sign-result-signed = 已签名
sign-result-declined = 拒绝签名
sign-result-absent = 无人在场签名
sign-result-unable = 无法签名
