# 為何不能這樣做，該怎麼辦

refused-not-enrolled = 本機尚未登記：請輸入公司給的登記碼。
refused-no-such-order = 本機沒有這張工單：請先同步，或問清由誰負責。
refused-needs-exchange = 本機缺少所需資料：請先同步。
refused-no-such-visit = 這次上門不是本機記錄的：請另行開始。
refused-visit-ended = 這次上門已結束：請另行開始。
refused-already-open = 本機已有這張工單的上門記錄：請繼續。
refused-rule = { $message }（{ $rule }）
refused-bad-value = 這個答案不對：請檢查後重新輸入。
refused-too-long = 內容過長：最多 { $limit } 個字或點。
refused-not-in-price-list = 價目表中沒有此項：請從價目表中選擇。
refused-not-accepted = 客戶尚未同意：請先報價。
refused-bad-amount = 金額有誤：請重新點數並輸入實收數。
refused-no-numbers = 本機收據號碼已用完：請先同步。
refused-series-forked = 另一部手機用同一收據系列開過收據：請告知辦公室，不要用這部手機收款。
refused-needs-newer-app = 這部手機的收據由更新的版本寫成：請更新應用程式。
refused-no-such-receipt = 本機沒有開過這個號碼的收據。
refused-minor = 未成年人不能簽名：請成年人簽名，或記錄無人可簽。
refused-no-consent = 須先由客戶同意電子簽名。
refused-no-strokes = 還沒有簽名：請客戶簽名。
refused-no-reason = 請說明沒有簽名的原因。
refused-changed = 服務單內容已有變動：請重新給客戶看。
refused-shift = 請先開班或收班，並點清現金。
refused-repeated = 此項先前已記錄。
refused-disk-full = 儲存空間已滿：請清理後再試。此次未記錄。
refused-store = 本機檔案暫時無法讀寫。此次未記錄。
refused-enrolment = 公司未接受此登記碼：請核對，或索取新的。
