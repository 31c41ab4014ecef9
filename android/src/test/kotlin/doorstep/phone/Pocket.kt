package doorstep.phone

import doorstep.Clock
import doorstep.Lang
import doorstep.Options
import doorstep.Platform
import java.nio.file.Files
import java.nio.file.Path

/** A platform on a JVM: keys in a file, so that another process finds them; the machine's clock. */
class Pocket(private val keys: Path) : Platform {
    override fun loadSecret(): ByteArray? = if (Files.exists(keys)) Files.readAllBytes(keys) else null

    override fun keepSecret(secret: ByteArray) {
        Files.write(keys, secret)
    }

    override fun clock() = Clock(System.currentTimeMillis(), 480, "boot", System.nanoTime() / 1_000_000)
}

/** A phone of Mei's, enrolled at [server], that has an order; and the order. */
suspend fun enrolledPhone(
    directory: Path,
    server: Server,
    number: String,
    kind: String = "repair",
): Pair<DoorstepPhone, String> {
    val (order, code) = server.orderFor("Mei", number, kind)
    val phone = openPhone(directory, server.url)
    phone.enrol(code, server.companyKey)
    phone.sync()
    return phone to order
}

fun openPhone(directory: Path, url: String): DoorstepPhone = DoorstepPhone.open(
    directory.resolve("mei.db").toString(),
    Options(url, null, null),
    Pocket(directory.resolve("mei.keys")),
    Lang.EN,
)
