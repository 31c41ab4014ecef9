# 介面文字

status-open = 未派單
status-assigned = 已派單
status-in-progress = 進行中
status-attempted = 曾上門，未能完成
status-done = 已完成
status-cancelled = 已取消
status-expired = 已過期

today-none = 今天沒有工單。
today-headline = 共 { $orders } 單，待辦 { $open } 單
today-headline-overdue = 共 { $orders } 單，待辦 { $open } 單，其中 { $overdue } 單已逾期
today-due = { $when } 前
today-overdue = 已逾期，應在 { $when } 前
today-conflicts = 待主管裁定的衝突：{ $count } 項
today-progress = 已完成 { $done } / { $orders } 單
today-appointment = 約定 { $from } 至 { $to }
today-appointment-planned = 排定 { $from } 至 { $to }
today-appointment-missed = 約定 { $from } 至 { $to }，尚未上門
today-promise = { $promise }：{ $when } 前
today-promise-broken = { $promise }：應在 { $when } 前，已逾期
today-hazard = 未整改：{ $item }，{ $grade }
today-hazard-due = 未整改：{ $item }，{ $grade }，須在 { $when } 前整改
today-hazard-overdue = 未整改：{ $item }，{ $grade }，應在 { $when } 前整改，已逾期

kind-repair = 維修
kind-installation = 安裝
kind-inspection = 安檢
kind-meter-reading = 抄錶
kind-delivery = 送氣
kind-call-back = 回訪
speaks-zh-hans = 單據用簡體中文
speaks-zh-hant = 單據用繁體中文
speaks-en = 單據用英文

next-emergency = 先去搶險：{ $address }
next-appointment = 約定 { $time }：{ $address }
next-planned = 排定 { $time }：{ $address }
next-door = 隔壁：{ $address }
next-floor = 同一單元，{ $floor } 樓：{ $address }
next-stair = 同一棟，{ $stair }：{ $address }
next-stop = 下一戶：{ $address }

notice-c1-work-stands = 工單 { $number } 在您施工時被取消。裁定：您的工作有效，照常收費。
notice-c1-work-stands-uncharged = 工單 { $number } 在您施工時被取消。裁定：工作有效，費用退還客戶。
notice-c2-first-counts = 工單 { $number } 有兩人上門。裁定：以先完成的一次為準。
notice-c2-both-count = 工單 { $number } 有兩人上門。裁定：兩次都算。
notice-decided = 工單 { $number }：{ $title }。裁定：{ $choice }。
notice-decided-own = 您手機的收據或班次：{ $title }。裁定：{ $choice }。
notice-other = 工單 { $number }：按規則 { $rule } 裁定為 { $choice }。請更新應用程式查看詳情。
notice-other-own = 已按規則 { $rule } 決定：{ $choice }。請更新應用程式以查看說明。

search-none = 沒有找到。
search-found = 找到 { $count } 項
search-more = 找到超過 { $count } 項，請再輸入一些

reading-used = 自上次抄錶用氣 { $usage } 立方米
reading-credit = 此前估抄多計 { $credit } 立方米
reading-unknown = 用氣量不明
reading-flag-backwards = 低於上次讀數
reading-flag-rolled-over = 字輪翻轉
reading-flag-high = 遠高於平常用量
reading-flag-low = 遠低於平常用量
reading-flag-zero = 用量為零
reading-flag-wrong-meter = 錶號與檔案不符
reading-flag-display-differs = 字輪與顯示不一致
reading-flag-swapped = 已換錶
reading-flag-too-many-digits = 位數超過字輪數
reading-flag-too-many-estimates = 連續估抄次數過多
reading-flag-for-review = 已送主管覆核

kit-tool = 工具
kit-part = 配件
kit-paper = 單據
certificate-missing = { $title }：沒有您的記錄。上崗前請先聯繫公司。
certificate-ended = { $title }：已於 { $until } 到期。上崗前請先聯繫公司。
certificate-ends-soon = { $title }：{ $until } 到期，請辦理續期。
certificate-valid = { $title }：有效期至 { $until }
evening-visits = 請結束未完成的上門：{ $count } 次
evening-count = 請清點現金並交班。
evening-unsent = 請與公司同步：{ $count } 條記錄只在本機。
evening-photos = 請與公司同步：{ $count } 張照片只在本機。

visit-ended = 已於 { $when } 結束：{ $outcome }
visit-handed-over = { $when } 移交給同事
visit-taken-over = 接手自工號 { $badge }，其開始於 { $when }
visit-taken-over-unconfirmed = 接手自工號 { $badge }，其開始於 { $when }；公司尚未確認
answer-by = 工號 { $badge } 所做
visit-progress = 已做 { $done } / { $required } 項
limit-times = 最多 { $most } 次。
limit-between = 再做之前至少等 { $least } 秒。

answer-done = 已做
answer-corrected = 已更正；原為：{ $before }
answer-taken-back = 已撤回；原為：{ $before }
answer-written = 已填寫
answer-photo = 已拍照
answer-seconds = { $seconds } 秒
answer-comma = 、
answer-item = { $item }：{ $answer }
item-pass = 合格
item-hazard = 有隱患
item-not-applicable = 不適用
item-not-checkable = 無法檢查

photo-tally = 已上傳 { $sent } / { $taken } 張
photo-tally-refused = 已上傳 { $sent } / { $taken } 張，{ $refused } 張公司暫不接收
photo-waiting = 待上傳（{ $kilobytes } kB）
photo-sending = 上傳中：{ $kilobytes } kB 的 { $percent }%
photo-sent = 公司已收到
photo-elsewhere = 由另一部手機拍攝
photo-refused-quota = 本機今天的照片已達上限，明天會自動上傳。請保持手機現狀。
photo-refused-too-large = 照片過大，公司無法接收：請拍一張較小的並更正該項。
photo-refused-unknown = 公司還沒有收到提及它的記錄：請再同步一次。照片仍在本機。
photo-refused-not-yours = 它屬於另一部手機的記錄：請聯絡公司。照片仍在本機。
photo-refused-differs = 傳到時已損壞，下次同步後重新上傳。若一直如此，請重新拍攝。
photo-refused-stuck = 未能傳完，下次同步後重試。
photo-refused-other = 公司暫不接收，下次同步後重試。照片仍在本機。

quote-none = 尚未報價。收費的工作須先向客戶報價。
quote-offered = 第 { $version } 次報價 { $amount }：等待客戶同意
quote-accepted = 第 { $version } 次報價 { $amount }：客戶已同意
pay-due = 應收 { $amount }
pay-tendered = 收您 { $amount }
pay-change = 找您 { $amount }，請當面點清
pay-missing = 還差 { $amount }
pay-nothing = 沒有應收款，請勿收錢。
pay-refused = 金額有誤，請重新點數並輸入實收數。

sign-who = 須由成年住戶或客戶委託的成年人簽名，未成年人不得簽名。
sign-role-owner = 業主
sign-role-tenant = 租客
sign-role-family = 家屬
sign-role-agent = 受託人
sign-result-signed = 已簽名
sign-result-declined = 拒絕簽名
sign-result-absent = 無人在場簽名
sign-result-unable = 無法簽名
