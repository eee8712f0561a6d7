using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;

using static Sparkish.Tests.Rpc.Robustness.Frames;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>
/// Makes what no honest peer sends, from one seed: frames that a connection must survive, frames that must end it, bytes of which neither is known,
/// and broken handshakes. Each connection has a fuzzer of its own.
/// </summary>
internal sealed class FrameFuzzer(int seed, IReadOnlyList<byte[]> payloads)
{
    private const int MaxMessageBytes = 128 << 20;
    private const int MaxNameChars = 1024;

    private readonly Random _random = new(seed);
    private int _defined;

    /// <summary>One in so many.</summary>
    public bool OneIn(int many) => _random.Next(many) == 0;

    public int Next(int max) => _random.Next(max);

    /// <summary>The first frame of a connection: its receiver number 1.</summary>
    public byte[] DefineFirst() => Define(++_defined, "e");

    /// <summary>A frame that costs the connection nothing, whatever its payload is.</summary>
    public byte[] Survivable() => _random.Next(10) switch
    {
        0 => Frame(PingKind, Garbage(40)),
        1 => Send(Named(Name()), Payload()),
        2 => Frame(ReplyKind, RandomId(), Payload()),
        3 => Frame(FailureKind, RandomId(), Garbage(60)),
        4 => Frame(NotFoundKind, RandomId(), Garbage(60)),
        5 when _defined < 100 => Define(++_defined, Name()),
        6 => Ask(-1 - _random.Next(), Named(Name()), Payload()),
        7 => Ask(-1 - _random.Next(), AnyNumbered(), Payload()),
        _ => Send(AnyNumbered(), Payload()),
    };

    /// <summary>A question that is answered like any other.</summary>
    public byte[] Probe() => Ask(FuzzPeer.ProbeId, Numbered(1), payloads[0]);

    /// <summary>A frame that breaks the protocol: the connection must end.</summary>
    public byte[] Fatal() => _random.Next(14) switch
    {
        0 => WithLength(0, Garbage(20)),
        1 => WithLength(-1 - _random.Next(), Garbage(20)),
        2 => WithLength(MaxMessageBytes + 1 + _random.Next(1 << 30), Garbage(200)),
        3 => Frame(0, Garbage(40)),
        4 => Frame((byte)_random.Next(TracedKind + 1, 256), Garbage(40)),
        13 => Frame(CreditKind, Count(_random.Next(1 << 20)), RandomId()),
        5 => Send(Numbered(_defined + 1 + _random.Next(1 << 20)), Payload()),
        6 => Ask(5, Numbered(_defined + 1 + _random.Next(1 << 20)), Payload()),
        7 => Define(_defined + 2 + _random.Next(100), "later"),
        8 => Define(_random.Next(_defined + 1), "again"),
        9 => Define(_defined + 1, new string('n', MaxNameChars + 1 + _random.Next(1000))),
        10 => Send(Named(OneIn(2) ? "" : new string('x', MaxNameChars + 1)), Payload()),
        11 => Frame((byte)_random.Next(AskKind, NotFoundKind + 1), new byte[_random.Next(8)]),
        _ => Frame(DefineKind, Count(_defined + 1), Count(1 + _random.Next(1 << 28)), Garbage(30)),
    };

    /// <summary>Bytes that may be anything.</summary>
    public byte[] Wild()
    {
        byte[] start = _random.Next(4) switch
        {
            0 => Garbage(300),
            1 => Fatal(),
            2 => [.. Survivable(), .. Survivable()],
            _ => Survivable(),
        };
        return Mutated(start);
    }

    /// <summary>Bytes that are no handshake, or only a part of one; their sender gets no connection.</summary>
    public byte[] HalfHandshake(RpcAddress self)
    {
        byte[] whole = [.. ScriptedPeer.Prelude(), .. ScriptedPeer.Hello(self)];
        return _random.Next(8) switch
        {
            0 => Garbage(400),
            1 => [0x16, 3, (byte)_random.Next(4), .. Garbage(400)],
            2 => [.. whole[..12], (byte)_random.Next(2, 256), .. Garbage(200)],
            3 => [.. whole[..12], 1, (byte)_random.Next(256), (byte)_random.Next(16, 256), .. Garbage(200)],
            4 => ScriptedPeer.Prelude((ushort)_random.Next(2), (ushort)_random.Next(2)),
            5 => [.. ScriptedPeer.Prelude((ushort)_random.Next(3, 1 << 16), (ushort)_random.Next(3, 1 << 16)), .. Garbage(100)],
            6 => [.. "GET /"u8, .. Garbage(100)],
            _ => whole[.._random.Next(whole.Length)],
        };
    }

    /// <summary>A handshake by one who does not know the secret: with a proof that is made up, with none, or by no rule at all.</summary>
    public byte[] Unproven(RpcAddress self)
    {
        byte[] opening = [.. ScriptedPeer.Prelude(), .. ScriptedPeer.Hello(self, authenticates: !OneIn(5))];
        var proof = new byte[32];
        _random.NextBytes(proof);
        return _random.Next(4) switch
        {
            0 => [.. opening, .. ScriptedPeer.Step(2, proof)],
            1 => [.. opening, .. ScriptedPeer.Step(2)],
            2 => [.. opening, .. ScriptedPeer.Step((byte)_random.Next(3, 6), Garbage(60))],
            _ => Mutated([.. opening, .. ScriptedPeer.Step(2, proof)]),
        };
    }

    /// <summary>Messages that would be made and counted if anybody read them.</summary>
    public byte[] CountedMessages()
    {
        var (format, writer) = (new MessageFormat(FuzzedEnvProgram.Messages), new ByteWriter());
        format.Write(writer, new Security.Counted(1), new SerializationContext());
        return [.. Define(1, "e"), .. Send(Numbered(1), writer.ToArray()), .. Ask(1, Named("e"), writer.ToArray())];
    }

    /// <summary>A change of a few bytes: other values, bytes too many, bytes too few.</summary>
    public byte[] Mutated(byte[] bytes)
    {
        var changed = bytes.ToList();
        for (var changes = 1 + _random.Next(4); changes > 0 && changed.Count > 0; changes--)
        {
            var at = _random.Next(changed.Count);
            switch (_random.Next(6))
            {
                case 0: changed[at] ^= (byte)(1 << _random.Next(8)); break;
                case 1: changed[at] = (byte)_random.Next(256); break;
                case 2: changed[at] = OneIn(2) ? byte.MaxValue : byte.MinValue; break;
                case 3: changed.RemoveRange(at, Math.Min(changed.Count - at, 1 + _random.Next(8))); break;
                case 4: changed.InsertRange(at, Garbage(8)); break;
                default: changed.RemoveRange(at, changed.Count - at); break;
            }
        }

        return [.. changed];
    }

    public byte[] Garbage(int max)
    {
        var bytes = new byte[_random.Next(max)];
        _random.NextBytes(bytes);
        return bytes;
    }

    private byte[] Payload()
    {
        var valid = payloads[_random.Next(payloads.Count)];
        return _random.Next(4) switch
        {
            0 => valid,
            1 => valid[.._random.Next(valid.Length)],
            2 => Mutated(valid),
            _ => Garbage(100),
        };
    }

    private byte[] AnyNumbered() => Numbered(1 + _random.Next(_defined));

    private string Name() => _random.Next(3) == 0 ? "e" : new string((char)_random.Next('a', 'z' + 1), 1 + _random.Next(OneIn(50) ? MaxNameChars : 20));

    private byte[] RandomId() => Int64(_random.NextInt64());
}
