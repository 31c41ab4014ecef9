package doorstep.phone

import doorstep.Value
import java.nio.file.Path
import kotlinx.coroutines.runBlocking

/**
 * A phone in a process of its own, to be killed: goes on with a visit, says `recorded N` after the
 * N-th knock has returned, and never stops by itself.
 */
object KilledPhone {
    @JvmStatic
    fun main(args: Array<String>): Unit = runBlocking {
        val (directory, url, visit) = args
        val phone = openPhone(Path.of(directory), url)
        val door = Visit(phone).apply { id = visit }
        var knocks = 0
        while (true) {
            door.record("knock", Value.Count(3))
            println("recorded ${++knocks}")
        }
    }
}
