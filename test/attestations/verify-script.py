"""Runs transactions through python-bitcoinlib's script interpreter.

Reads JSON from standard input, [{"tx": hex, "prevouts": [hex of the output script that each input spends, ...]}, ...],
and writes for each transaction "ok" or the name of what is wrong with it, as a JSON array.
"""
import json
import sys

from bitcoin.core import CTransaction, CheckTransaction, ValidationError, x
from bitcoin.core.script import CScript
from bitcoin.core.scripteval import SCRIPT_VERIFY_P2SH, VerifyScript


def verdict(raw, prevouts):
    tx = CTransaction.deserialize(x(raw))
    try:
        CheckTransaction(tx)
        for index, prevout in enumerate(prevouts):
            VerifyScript(tx.vin[index].scriptSig, CScript(x(prevout)), tx, index, flags=(SCRIPT_VERIFY_P2SH,))
    except ValidationError as error:
        return type(error).__name__
    return "ok" if len(tx.vin) == len(prevouts) else "inputs without a prevout"


json.dump([verdict(case["tx"], case["prevouts"]) for case in json.load(sys.stdin)], sys.stdout)
