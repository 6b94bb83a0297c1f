// One or more calls of every command that a server alone can answer, in groups that run from top to bottom. `@x` is a key
// (or another name) of the run's own. What begins with `~` differs from call to call: its form is looked at, not its value.

export const SAMPLES: Readonly<Record<string, string>> = {
  strings: `
    set @a 10 | set @a 11 NX | set @a 12 XX GET | set @a 13 PX 100000 | get @a | get @none | getset @a 5 | append @a 0
    strlen @a | getrange @a 0 -1 | substr @a 0 -1 | setrange @a 0 9 | incr @a | incrby @a 2 | incrbyfloat @a 0.5
    set @a 3 | decr @a | decrby @a 2 | getex @a PERSIST | getdel @a | mset @a 1 @b 2 | msetnx @c 1 @b 2 | mget @a @none @b
    setex @a 100 v | psetex @a 100000 v | setnx @a w | setbit @bits 7 1 | getbit @bits 7 | bitcount @bits
    bitpos @bits 1 | bitop NOT @bits2 @bits | bitfield @bits GET u8 0 OVERFLOW FAIL INCRBY u2 0 9
    bitfield_ro @bits GET u8 0 | mset @x ohmytext @y mynewtext | lcs @x @y | lcs @x @y LEN | lcs @x @y IDX WITHMATCHLEN`,
  keys: `
    set @a 1 | exists @a @none | expire @a 100 | expireat @a 4102444800 | pexpire @a 100000 | pexpireat @a 4102444800000
    expiretime @a | pexpiretime @a | ~ttl @a | ~pttl @a | persist @a | ttl @none | type @a | type @none | keys @* | touch @a @none
    copy @a @b | rename @b @c | renamenx @c @a | object ENCODING @a | object REFCOUNT @none | rpush @list 2 3 1
    object REFCOUNT @list | ~object IDLETIME @list | object HELP | sort @list | sort @list GET # GET none:* | sort @list STORE @sorted
    sort_ro @list DESC | dump @none | unlink @list | move @none 15 | del @a @c | ~randomkey | ~dbsize | ~scan 0 | scan 0 MATCH @sorted COUNT 1000000
    ~memory USAGE @sorted | memory USAGE @none | flushdb`,
  hashes: `
    hset @h f 1 g 2 | hset @h __proto__ 3 | hget @h f | hget @h none | hgetall @h | hgetall @none | hmget @h f none
    hmset @h f 1 | hincrby @h f 2 | hincrbyfloat @h f 0.5 | hsetnx @h f 1 | hexists @h f | hstrlen @h f | hlen @h
    hkeys @h | hvals @h | hscan @h 0 | hdel @h f none __proto__ | hrandfield @h | hrandfield @none | hrandfield @h 2 | hrandfield @h 2 WITHVALUES
    hrandfield @none 2 WITHVALUES`,
  lists: `
    rpush @l a b c a | lpush @l z | lpushx @none a | rpushx @l y | llen @l | lrange @l 0 -1 | lindex @l 0 | lindex @l 99
    linsert @l BEFORE a n | lset @l 0 zz | lpos @l a | lpos @l none | lpos @l a COUNT 0 | lrem @l 1 n | ltrim @l 0 4 | lmove @l @m LEFT RIGHT
    rpoplpush @l @m | lmpop 2 @none @l LEFT COUNT 2 | lmpop 1 @none LEFT | lpop @l | lpop @l 1 | lpop @none | lpop @none 2
    rpop @m | rpop @m 5 | rpop @none`,
  sets: `
    sadd @s a b c | sadd @t b c d | scard @s | sismember @s a | smismember @s a none | sdiff @s @t | sinter @s @s @t | sunion @none
    sdiffstore @u @s @t | sinterstore @u @s @t | sunionstore @u @s @t | sintercard 2 @s @t | smove @s @t a | srem @s b | smembers @s
    sscan @s 0 | srandmember @s | srandmember @none | srandmember @s 2 | spop @s | spop @none | spop @s 2`,
  "sorted sets": `
    zadd @z 1.5 a inf b -inf c | zadd @z CH 2 a | zadd @z INCR 0.25 a | zadd @z NX INCR 1 a | zadd @z 1 INCR | zrem @z INCR | zcard @z
    zscore @z a | zscore @z none | zmscore @z a none b | zincrby @z 0.5 a | zrank @z a | zrank @z none | zrevrank @z a | zcount @z -inf 5
    zrange @z 0 -1 | zrange @z 0 -1 WITHSCORES | zrange @z 1 9 BYSCORE REV LIMIT 0 1 | zrange @none 0 -1 WITHSCORES | zrevrange @z 0 -1 WITHSCORES
    zrevrange @z 0 -1 | zrangebyscore @z -inf inf WITHSCORES LIMIT 0 2 | zrangebyscore @z 0 9 | zrevrangebyscore @z inf 0 WITHSCORES
    zrangebylex @z - + | zrevrangebylex @z + - | zlexcount @z - + | zadd @y 1 a 2 d | zdiff 2 @z @y | zdiff 2 @z @y WITHSCORES
    zinter 2 @z @y WITHSCORES | zinter 2 @z @y | zunion 2 @z @y WITHSCORES | zunion 2 @z @y AGGREGATE MAX | zdiffstore @w 2 @z @y
    zinterstore @w 2 @z @y WEIGHTS 1 2 | zunionstore @w 2 @z @y | zintercard 2 @z @y | zrangestore @w @z 0 -1 | zscan @z 0
    ~zrandmember @y | zrandmember @none | ~zrandmember @y 5 | ~zrandmember @y 5 WITHSCORES | zremrangebylex @w - [a | zremrangebyrank @w 0 0
    zremrangebyscore @w 0 99 | zpopmin @z | zpopmax @z 1 | zpopmin @none | zpopmax @none 2 | zmpop 1 @y MIN COUNT 2 | zmpop 1 @none MAX | zrem @z a`,
  geo: `
    geoadd @g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania | geodist @g Palermo Catania km | geodist @g Palermo none
    geohash @g Palermo none | geopos @g Palermo none | georadius @g 15 37 200 km | georadius @g 15 37 200 km WITHCOORD WITHDIST WITHHASH
    georadius @g 15 37 200 km STORE @h | georadius_ro @g 15 37 200 km WITHDIST ASC | georadiusbymember @g Palermo 200 km WITHCOORD
    georadiusbymember_ro @g Palermo 200 km | geosearch @g FROMLONLAT 15 37 BYRADIUS 200 km ASC
    geosearch @g FROMMEMBER Palermo BYBOX 400 400 km WITHCOORD WITHHASH | geosearchstore @h @g FROMLONLAT 15 37 BYRADIUS 200 km`,
  blocking: `
    rpush @l a b c d e f | blpop @l 1 | brpop @l @none 1 | blmove @l @m LEFT RIGHT 1 | brpoplpush @l @m 1 | blmpop 1 2 @none @l LEFT COUNT 2
    blpop @none 0.001 | zadd @z 1 a 2.5 b 3 c 4 d | bzpopmin @z 1 | bzpopmax @none @z 1 | bzmpop 1 1 @z MIN COUNT 2 | bzpopmin @none 0.001
    bzmpop 0.001 1 @none MAX | xadd @x 1-1 f v | xread BLOCK 100 STREAMS @x 0 | xgroup CREATE @x @grp 0 | xreadgroup GROUP @grp c BLOCK 100 STREAMS @x >`,
  streams: `
    xadd @x 1-1 f v g w | xadd @x 2-1 f v | xadd @x MAXLEN ~ 100 3-1 f v | xadd @none NOMKSTREAM * f v | xlen @x | xrange @x - + | xrevrange @x + - COUNT 1
    xread COUNT 2 STREAMS @x 0 | xread STREAMS @none 0 | xgroup CREATE @x @grp 0 | xgroup CREATE @x @other $ MKSTREAM | xgroup CREATECONSUMER @x @grp c
    xreadgroup GROUP @grp c COUNT 2 STREAMS @x > | xreadgroup GROUP @grp c STREAMS @x 0 | xreadgroup GROUP @other c STREAMS @x >
    xpending @x @grp | xpending @x @other | ~xpending @x @grp - + 10 | xclaim @x @grp d 0 1-1 | xclaim @x @grp d 0 2-1 JUSTID
    xautoclaim @x @grp e 0 0 | xautoclaim @x @grp e 0 0 JUSTID | ~xinfo STREAM @x | ~xinfo STREAM @x FULL | ~xinfo GROUPS @x
    ~xinfo CONSUMERS @x @grp | xinfo HELP | xack @x @grp 1-1 | xdel @x 1-1 | xreadgroup GROUP @grp e STREAMS @x 0 | xtrim @x MAXLEN 1 | xsetid @x 9-1
    xgroup SETID @x @grp 0 | xgroup DELCONSUMER @x @grp e | xgroup DESTROY @x @grp | xgroup HELP`,
  hyperloglogs: `
    pfadd @p a b c | pfcount @p | pfmerge @q @p`,
  scripts: `
    eval return{KEYS[1],ARGV[1],3,false} 1 @k a | eval_ro return{1} 0 | script LOAD return{2}
    script EXISTS 0000000000000000000000000000000000000000 | script HELP | function HELP | ~function STATS
    function LIST LIBRARYNAME @none | ~function DUMP`,
  server: `
    ping | ping hello | echo hello | ~time | ~info | ~info server clients | ~lastsave | ~role | ~lolwut | ~command | ~command COUNT | ~command LIST FILTERBY PATTERN x*
    ~command DOCS get config xadd | ~command INFO get config none | command GETKEYS mset @a 1 @b 2 | command GETKEYSANDFLAGS set @a 1 GET | command HELP
    config GET maxmemory* | config GET none | config SET lua-time-limit 5000 | config HELP | ~memory STATS | ~memory DOCTOR | ~memory MALLOC-STATS | memory PURGE | memory HELP
    module LIST | module HELP | ~slowlog GET 2 | ~slowlog LEN | slowlog HELP | ~latency DOCTOR | ~latency HISTOGRAM get | latency HISTOGRAM none
    latency HISTORY none | latency LATEST | latency RESET none | latency HELP`,
  connections: `
    ~client ID | client SETNAME @name | client GETNAME | ~client INFO | ~client LIST | ~client LIST ID 1 2 | client GETREDIR | client TRACKINGINFO
    client NO-EVICT OFF | client UNBLOCK 999999999 | client KILL ID 999999999 | client HELP | client UNPAUSE`,
  "access control": `
    acl CAT | acl CAT set | acl WHOAMI | ~acl GENPASS | ~acl LIST | ~acl USERS | acl SETUSER @u reset on nopass ~a +get (~b +set) | ~acl GETUSER @u | acl GETUSER @none
    acl DRYRUN @u get a | acl DRYRUN @u set z 1 | acl DELUSER @none | acl HELP | ~acl LOG 3`,
  channels: `
    publish @c hello | spublish @c hello | pubsub CHANNELS @* | pubsub NUMPAT | pubsub NUMSUB @c | pubsub SHARDCHANNELS @* | pubsub SHARDNUMSUB @c | pubsub HELP`,
};
/** Commands with a described reply of which there is no sample here, and why. */
export const EXCUSED: Readonly<Record<string, string>> = {
  "needs another test or another policy": `
    object/freq
    evalsha evalsha_ro fcall fcall_ro function/delete function/load function/restore restore restore-asking dump`,
  "needs a connection of its own": `wait waitaof`,
  "would change the server for everybody": `
    acl/load acl/save bgrewriteaof bgsave client/pause config/resetstat config/rewrite failover flushall function/flush function/kill
    module/load module/loadex module/unload pfselftest replicaof save script/flush script/kill shutdown slaveof slowlog/reset swapdb migrate
    latency/graph`,
  "needs a cluster": `
    cluster/addslots cluster/addslotsrange cluster/bumpepoch cluster/count-failure-reports cluster/countkeysinslot cluster/delslots
    cluster/delslotsrange cluster/failover cluster/flushslots cluster/forget cluster/getkeysinslot cluster/help cluster/info cluster/keyslot
    cluster/links cluster/meet cluster/myid cluster/myshardid cluster/nodes cluster/replicas cluster/replicate cluster/reset cluster/saveconfig
    cluster/set-config-epoch cluster/setslot cluster/shards cluster/slaves cluster/slot-stats cluster/slots`,
  "needs a sentinel": `
    sentinel/ckquorum sentinel/config sentinel/debug sentinel/failover sentinel/flushconfig sentinel/get-master-addr-by-name
    sentinel/get-primary-addr-by-name sentinel/help sentinel/info-cache sentinel/is-master-down-by-addr sentinel/is-primary-down-by-addr
    sentinel/master sentinel/masters sentinel/monitor sentinel/myid sentinel/pending-scripts sentinel/primaries sentinel/primary
    sentinel/remove sentinel/replicas sentinel/reset sentinel/sentinels sentinel/set sentinel/simulate-failure sentinel/slaves`,
  "needs a newer server": `client/capa client/no-touch client/setinfo script/show`,
};
