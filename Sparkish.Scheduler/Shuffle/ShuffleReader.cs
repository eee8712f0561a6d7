using Microsoft.Win32.SafeHandles;
using Sparkish.Compute;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Shuffle;

/// <summary>
/// Reads the pairs of one reduce partition from all map outputs: those of this executor from its files, those of others through one request per executor.
/// Readers of different partitions start with different executors, so that they do not all ask the same one first.
/// </summary>
internal sealed class ShuffleReader<TKey, TValue> : PartitionReader<(TKey Key, TValue Value)>
{
    private readonly int _shuffleId;
    private readonly int _reduceId;
    private readonly TaskContext _context;
    private readonly Queue<FetchRequest> _requests;
    private readonly FrameReader<(TKey Key, TValue Value)> _frames;
    private readonly byte[] _lengthPrefix = new byte[sizeof(long)];
    private FetchRequest? _current;
    private Stream? _body;
    private int _nextPart;
    private MapOutput? _part;

    public ShuffleReader(int shuffleId, int reduceId, TaskContext context)
    {
        _shuffleId = shuffleId;
        _reduceId = reduceId;
        _context = context;
        _frames = new FrameReader<(TKey Key, TValue Value)>(context.Env.Serialization, context.Env.Serializer.CodecFor<(TKey Key, TValue Value)>());
        _requests = new Queue<FetchRequest>(
            FetchPlan.Make(ShuffleEnv.Of(context).MapOutputs.Get(shuffleId, context.Description.MapOutputEpoch), shuffleId, reduceId));
    }

    public override int Read(Span<(TKey Key, TValue Value)> batch)
    {
        _context.ThrowIfKilled();
        try
        {
            while (true)
            {
                var count = _part is null ? 0 : _frames.Read(batch);
                if (count > 0) return count;
                if (!NextPart()) return 0;
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or RpcConnectionException or BulkNotFoundException)
        {
            throw Failed(e);
        }
    }

    protected override void Close() => _body?.Dispose();

    private bool NextPart()
    {
        if (_current is null || _nextPart == _current.Outputs.Count)
        {
            _part = null;
            _body?.Dispose();
            _body = null;
            if (!_requests.TryDequeue(out _current)) return false;
            _nextPart = 0;
        }

        _part = _current.Outputs[_nextPart++];
        var length = _part.Status.ExecutorId == _context.Env.ExecutorId ? OpenLocal(_part) : OpenRemote(_current);
        _frames.Reset(_body!, length);
        return true;
    }

    private long OpenLocal(MapOutput output)
    {
        _body?.Dispose();
        var (file, offset, length) = ShuffleEnv.Of(_context).Shuffle.OpenPart(new ShuffleFileId(_shuffleId, output.Status.MapId), _reduceId);
        _body = OpenFile(file, offset);
        return length;
    }

    private static FileStream OpenFile(SafeFileHandle file, long offset) => new(file, FileAccess.Read, bufferSize: 0) { Position = offset };

    private long OpenRemote(FetchRequest request)
    {
        _body ??= _context.Env.Rpc.OpenBulk(
            request.Address, ShuffleStore.BulkPath(_shuffleId, _reduceId, request.Outputs.Select(static output => output.Status.MapId)));
        _body.ReadExactly(_lengthPrefix);
        return BitConverter.ToInt64(_lengthPrefix);
    }

    private FetchFailedException Failed(Exception cause)
    {
        // Corrupt bytes invalidate the one output that they belong to; an unreachable node invalidates all its outputs.
        var mapIndex = cause is InvalidDataException && _part is not null ? _part.MapIndex : -1;
        var executor = _current?.Outputs[0].Status.ExecutorId;
        var block = _part is null ? $"shuffle {_shuffleId}" : new ShuffleFileId(_shuffleId, _part.Status.MapId).ToString();
        var message = $"Cannot fetch {block} for partition {_reduceId} from executor {executor}: {cause.Message}";
        return new FetchFailedException(new FetchFailure(_shuffleId, mapIndex, _reduceId, executor, message), cause);
    }
}
