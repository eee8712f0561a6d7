using System.Diagnostics;
using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>
/// Requests and responses over a bare connection with a fixed number outstanding. Whatever one read brings is answered by as many new requests in one
/// write; with one outstanding that is a ping-pong.
/// </summary>
internal sealed class BarePipeline(Stream stream, int outstanding, int payloadBytes)
{
    private readonly byte[] _input = new byte[BareRecords.BufferBytes];
    private readonly byte[] _output = new byte[BareRecords.BufferBytes];
    private readonly byte[] _payload = new byte[payloadBytes];
    private readonly Queue<long> _since = new(outstanding);
    private readonly LatencyHistogram _latencies = new();
    private int _have;
    private int _written;

    /// <summary>Responses a second, and the seconds at the median and at the 99th percentile.</summary>
    public static async Task<double[]> MeasureAsync(BarePeer peer, int outstanding, int payloadBytes, TimeSpan duration)
    {
        await using var stream = await peer.ConnectAsync(BareMode.Echo);
        return await new BarePipeline(stream, outstanding, payloadBytes).RunAsync(duration);
    }

    private async Task<double[]> RunAsync(TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        var until = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (var i = 0; i < outstanding; i++) Request(start);

        while (_since.Count > 0)
        {
            if (_written > 0) await stream.WriteAsync(_output.AsMemory(0, _written));
            _written = 0;
            var read = await stream.ReadAsync(_input.AsMemory(_have));
            if (read == 0) throw new SparkException("The bare receiver went away.");
            _have += read;
            OnRead(until);
        }

        return [_latencies.Count / Stopwatch.GetElapsedTime(start).TotalSeconds, _latencies.SecondsAt(0.5), _latencies.SecondsAt(0.99)];
    }

    private void OnRead(long until)
    {
        var (now, used) = (Stopwatch.GetTimestamp(), 0);
        while (BareRecords.TryRead(_input.AsSpan(used, _have - used), out var payload, out var size))
        {
            if (payload.Length != payloadBytes) throw new SparkException($"A response has {payload.Length} bytes instead of {payloadBytes}.");
            used += size;
            _latencies.Record(now - _since.Dequeue());
            if (now < until) Request(now);
        }

        _input.AsSpan(used, _have - used).CopyTo(_input);
        _have -= used;
    }

    private void Request(long now)
    {
        _written += BareRecords.Write(_output.AsSpan(_written), _payload);
        _since.Enqueue(now);
    }
}
