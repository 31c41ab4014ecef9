"""A real Doorstep server as a process, and an office that speaks to it."""

import json
import os
import ssl
import subprocess
import urllib.request


class Server:
    """`doorstep serve` over TLS on a port of the system's choice."""

    def __init__(self, binary, directory):
        command = [binary, "serve", "--db", os.path.join(directory, "server.db"), "--init", "--tls"]
        command += ["--listen", "127.0.0.1:0", "--company", "Harbour Gas", "--licence", "L-77"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            words = line.split()
            if line.startswith("company key"):
                self.company_key = words[2]
            elif line.startswith("bootstrap code"):
                self.bootstrap = words[2]
            elif line.startswith("listening on"):
                self.url = words[2]
                break
        self.token = None
        he = {"name": "He", "role": "supervisor", "bootstrap": self.bootstrap}
        self.token = self.post("accounts", he)["token"]

    def post(self, path, body):
        """Says one thing on the office's behalf."""
        request = urllib.request.Request(f"{self.url}/v1/office/{path}", json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {self.token or ''}")
        # Only the phone pins the company's key; the office's own script is not what is tested.
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)

    def get(self, path):
        """Asks one thing on the office's behalf."""
        return json.loads(self.read(path))

    def photo(self, order, photo):
        """A photo of an order, as the office opens it."""
        return self.read(f"orders/{order}/photos/{photo}")

    def read(self, path):
        """The bytes that answer one question of the office's."""
        request = urllib.request.Request(f"{self.url}/v1/office/{path}")
        request.add_header("Authorization", f"Bearer {self.token}")
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.read()

    def order_for(self, name, number):
        """Opens a repair at Mrs Chan's for a technician; gives the order and a code for a phone."""
        person = self.post("people", {"name": name, "badge": "0417"})["person"]
        place = {"address": "Flat 1203, 8 Harbour Street", "floor": 12}
        premises = self.post("premises", place)["premises"]
        customer = {"name": "Mrs Chan", "lang": "en", "special_need": "knock long, call first"}
        order = {"kind": "repair", "premises": premises, "number": number,
                 "standard": "gz-repair", "customer": customer, "id": os.urandom(16).hex()}
        self.post("orders", order)
        self.post(f"orders/{order['id']}/assign", {"to": person})
        return order["id"], self.post("enrolment-codes", {"person": person})["code"]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
