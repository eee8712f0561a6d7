#pragma warning disable MA0048 // the record of a benchmark belongs with it
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Serialization;

namespace Sparkish.Benchmarks.Rpc.Micro;

/// <summary>A message of eight fields, as those of a scheduler are.</summary>
internal sealed record EightFields(int Stage, int Attempt, long Task, string Executor, string Host, int Port, bool IsLast, double Seconds);

/// <summary>Messages as bytes and back.</summary>
public class RecordCodecBenchmarks
{
    private readonly EightFields _record = new(17, 1, 123_456, "executor-7", "10.0.0.12", 40_123, true, 1.25);
    private readonly Payload _payload = Payload.OfBytes(64);
    private readonly Codec<EightFields> _recordCodec = Codec.For<EightFields>();
    private readonly Codec<Payload> _payloadCodec = Codec.For<Payload>();
    private readonly ByteWriter _writer = new(4096);
    private byte[] _recordBytes = [];
    private byte[] _payloadBytes = [];
    private byte[] _json = [];

    /// <summary>Makes what is read.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        WriteRecord();
        _recordBytes = _writer.ToArray();
        WritePayload();
        _payloadBytes = _writer.ToArray();
        _json = JsonSerializer.SerializeToUtf8Bytes(_record);
    }

    /// <summary>Writes the record of eight fields.</summary>
    [Benchmark]
    public int WriteRecord()
    {
        _writer.Clear();
        _recordCodec.Write(_writer, _record);
        return _writer.Length;
    }

    /// <summary>Reads it.</summary>
    [Benchmark]
    public object ReadRecord()
    {
        var reader = new ByteReader(_recordBytes);
        return _recordCodec.Read(ref reader);
    }

    /// <summary>Writes the message of 64 bytes that the remote loads send.</summary>
    [Benchmark]
    public int WritePayload()
    {
        _writer.Clear();
        _payloadCodec.Write(_writer, _payload);
        return _writer.Length;
    }

    /// <summary>Reads it.</summary>
    [Benchmark]
    public object ReadPayload()
    {
        var reader = new ByteReader(_payloadBytes);
        return _payloadCodec.Read(ref reader);
    }

    /// <summary>The record of eight fields as JSON, for comparison.</summary>
    [Benchmark]
    public byte[] WriteJson() => JsonSerializer.SerializeToUtf8Bytes(_record);

    /// <summary>The same back.</summary>
    [Benchmark]
    public object? ReadJson() => JsonSerializer.Deserialize<EightFields>(_json);
}
