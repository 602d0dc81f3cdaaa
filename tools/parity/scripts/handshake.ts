// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme, verbose } from "../src/script.ts";

/** Protocol sections 3.2 and 3.3: CONNECT, and what goes without it. */
export const handshake: Theme = {
  about: "CONNECT",
  scripts: {
    "is verbose by default": "CONNECT {}\r\nPING\r\n",
    "is answered with +OK if verbose is true": 'CONNECT {"verbose":true}\r\nPING\r\n',
    "is not answered if verbose is false": 'CONNECT {"verbose":false}\r\nPING\r\n',
    "is accepted in lower case": 'connect {"verbose":true}\r\nPING\r\n',
    "is accepted with tabs before the object": 'CONNECT\t\t{"verbose":true}\r\nPING\r\n',
    "is accepted with blanks around and in the object": 'CONNECT   { "verbose" : true }  \r\nPING\r\n',
    "is accepted if its line ends in LF": 'CONNECT {"verbose":true}\nPING\n',
    "is accepted in four pieces": [
      ["a", "CONN", "more"],
      ["a", 'ECT {"ver', "more"],
      ["a", 'bose":true}\r', "more"],
      ["a", "\nPING\r\n"],
    ],
    "is accepted as nats.js sends it": [
      [
        "a",
        'CONNECT {"no_responders":true,"protocol":1,"verbose":false,"pedantic":false,"name":"n1","lang":"nats.js","version":"3.4.0","headers":true}\r\nPING\r\n',
      ],
    ],
    "is accepted as the Rust client sends it": [
      [
        "a",
        'CONNECT {"verbose":false,"pedantic":false,"jwt":null,"nkey":null,"sig":null,"name":null,"echo":true,"lang":"rust","version":"0.51.0","protocol":0,"tls_required":false,"user":null,"pass":null,"auth_token":null,"headers":true,"no_responders":true}\r\nPING\r\n',
      ],
    ],
    "ignores unknown fields": 'CONNECT {"verbose":true,"colour":"blue","deep":{"a":[1,null]}}\r\nPING\r\n',
    "uses the last of two fields with the same name": 'CONNECT {"verbose":true,"verbose":false}\r\nPING\r\n',
    "uses the default of a field that is null": 'CONNECT {"verbose":null,"echo":null,"name":null}\r\nPING\r\n',
    "decodes escapes in the name of a field": 'CONNECT {"\\u0076erbose":false}\r\nPING\r\n',
    "ignores a field whose name is in capitals": 'CONNECT {"VERBOSE":false}\r\nPING\r\n',
    "closes the connection if a boolean is given as a string": 'CONNECT {"verbose":"true"}\r\nPING\r\n',
    "closes the connection if a string is given as a number": 'CONNECT {"name":7}\r\nPING\r\n',
    "closes the connection if a number is given as a string": 'CONNECT {"protocol":"1"}\r\nPING\r\n',
    "closes the connection if an integer is given as a fraction": 'CONNECT {"protocol":1.5}\r\nPING\r\n',
    "accepts 1.0 for the integer 1": 'CONNECT {"verbose":false,"protocol":1.0}\r\nPING\r\n',
    "accepts 1e0 for the integer 1": 'CONNECT {"verbose":false,"protocol":1e0}\r\nPING\r\n',
    "closes the connection if it is an array": "CONNECT []\r\nPING\r\n",
    "closes the connection if it is a string": 'CONNECT "verbose"\r\nPING\r\n',
    "closes the connection if it is a number": "CONNECT 1\r\nPING\r\n",
    "closes the connection if it is null": "CONNECT null\r\nPING\r\n",
    "closes the connection if the object is missing after the blank": "CONNECT \r\nPING\r\n",
    "closes the connection if the object and the blank are missing": "CONNECT\r\nPING\r\n",
    "closes the connection if the blank is missing before the object": 'CONNECT{"verbose":true}\r\nPING\r\n',
    "closes the connection if the object does not end": 'CONNECT {"verbose":true\r\nPING\r\n',
    "closes the connection if more text follows the object": "CONNECT {} x\r\nPING\r\n",
    "closes the connection if a second object follows the first": "CONNECT {}{}\r\nPING\r\n",
    "closes the connection if a comma follows the last field": 'CONNECT {"verbose":true,}\r\nPING\r\n',
    "closes the connection if a byte order mark precedes the object": "CONNECT \xef\xbb\xbf{}\r\nPING\r\n",
    "closes the connection if a string contains a control character": 'CONNECT {"name":"a\x01b"}\r\nPING\r\n',
    "closes the connection if a string contains a tab": 'CONNECT {"name":"a\tb"}\r\nPING\r\n',
    "accepts invalid UTF-8 in a string": 'CONNECT {"name":"\xff\xfe"}\r\nPING\r\n',
    "accepts UTF-8 in a string": 'CONNECT {"name":"\xc3\xa9"}\r\nPING\r\n',
    "accepts protocol 0": 'CONNECT {"verbose":false,"protocol":0}\r\nPING\r\n',
    "rejects protocol 2": 'CONNECT {"verbose":false,"protocol":2}\r\nPING\r\n',
    "rejects protocol -1": 'CONNECT {"verbose":false,"protocol":-1}\r\nPING\r\n',
    "rejects no_responders without headers": 'CONNECT {"verbose":false,"no_responders":true}\r\nPING\r\n',
    "rejects no_responders if headers is false": 'CONNECT {"headers":false,"no_responders":true}\r\nPING\r\n',
    "rejects an account": 'CONNECT {"verbose":false,"account":"A"}\r\nPING\r\n',
    "rejects a new account": 'CONNECT {"verbose":false,"new_account":true}\r\nPING\r\n',
    "rejects the global account by name": 'CONNECT {"verbose":false,"account":"$G"}\r\nPING\r\n',
    "accepts an empty account if new_account is false":
      'CONNECT {"verbose":false,"account":"","new_account":false}\r\nPING\r\n',
    "ignores a JWT if authentication is not required":
      'CONNECT {"verbose":false,"jwt":"eyJ0eXAiOiJKV1QifQ.e30.AA","sig":"AA"}\r\nPING\r\n',
    "ignores an nkey if authentication is not required":
      'CONNECT {"verbose":false,"nkey":"UAAA","sig":"AA"}\r\nPING\r\n',
    "ignores the fields of leaf nodes":
      'CONNECT {"verbose":false,"import":{},"export":{},"remote_account":"A"}\r\nPING\r\n',
    "ignores credentials if authentication is not required":
      'CONNECT {"verbose":false,"user":"u","pass":"p","auth_token":"t"}\r\nPING\r\n',
    "ignores tls_required": 'CONNECT {"verbose":false,"tls_required":true}\r\nPING\r\n',
    "is not required before PING": "PING\r\n",
    "is not required before SUB and PUB, which are then verbose": "SUB foo 1\r\nPUB foo 2\r\nok\r\nPING\r\n",
    "is not required before PUB, which is then pedantic": "PUB foo.* 2\r\nok\r\nPING\r\n",
    "is not required before PUB, which is then echoed": "SUB foo 1\r\nPUB foo 0\r\n\r\nPING\r\n",
    "is required before HPUB": "HPUB foo 12 14\r\nNATS/1.0\r\n\r\nok\r\nPING\r\n",
    "applies to what follows if other operations precede it": `SUB foo 1\r\n${quiet}PUB foo 2\r\nok\r\nPING\r\n`,
    "closes the connection of a web browser": [["a", "GET / HTTP/1.1\r\n\r\n", "closed"]],
    "closes the connection of a web proxy's client": [["a", "CONNECT example.com:443 HTTP/1.1\r\n\r\n", "closed"]],
    "applies to its own connection only": [
      ["a", `${verbose}PING\r\n`],
      ["b", `${quiet}PING\r\n`],
      ["a", "PING\r\n"],
    ],
  },
};
