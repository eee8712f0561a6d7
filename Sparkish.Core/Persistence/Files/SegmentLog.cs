using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using Sparkish.Persistence.Appending;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>The writing side of a journal: its last segment, which only grows. All members block, and are called one at a time.</summary>
internal sealed class SegmentLog : IDisposable
{
    private const int ChunkBytes = 1 << 20;

    private readonly JournalDirectory _directory;
    private readonly FileJournalOptions _options;
    private readonly ILogger _log;
    private readonly List<SegmentId> _segments;
    private readonly IJournalFile _mark;
    private SegmentHeader _header;
    private IJournalFile _file;
    private byte[] _buffer = new byte[ChunkBytes / 16];
    private int _buffered;
    private long _durable = SegmentHeader.Size; // flushed up to here
    private long _end = SegmentHeader.Size; // written up to here

    /// <param name="directory">The journal's.</param>
    /// <param name="segments">All existing segments, the new one last.</param>
    /// <param name="header">The header of the new segment, which is created here.</param>
    /// <param name="options">The size at which the next segment begins.</param>
    /// <param name="log">Logs failures.</param>
    public SegmentLog(JournalDirectory directory, IEnumerable<SegmentId> segments, SegmentHeader header, FileJournalOptions options, ILogger log)
    {
        _directory = directory;
        _options = options;
        _log = log;
        _header = header;
        _segments = [.. segments];
        NextSequence = header.Id.FirstSequence;
        _file = directory.CreateSegment(header);
        try
        {
            _mark = directory.Open(DurableMark.FileName, writable: true) ?? directory.Files.Create(directory.PathOf(DurableMark.FileName));
            WriteMark();
        }
        catch
        {
            _mark?.Dispose();
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The number of the next event.</summary>
    public long NextSequence { get; private set; }

    /// <summary>Whether a failure left the file in a state in which it must not be written to.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Writes batches at the end; <see cref="Commit"/> makes them durable. After a failure their bytes are truncated.</summary>
    /// <exception cref="JournalException">The disk is full, or failed; none of the batches is stored.</exception>
    public void Write(IReadOnlyList<AppendWork> batches)
    {
        if (_durable >= _options.SegmentBytes) Roll();
        try
        {
            foreach (var batch in batches) Add(batch.Events);
            WriteBuffered();
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            IsBroken = true;
            var failedAt = _end;
            CutBack();
            throw _directory.Failed(
                $"appended to ('{_header.Id.FileName}' at byte {failedAt})", e,
                "Make room on the disk or repair it, then open the journal again; all acknowledged events are safe.");
        }
        finally
        {
            _buffered = 0;
            if (_buffer.Length > ChunkBytes) _buffer = new byte[ChunkBytes];
        }
    }

    /// <summary>Flushes the written batches, and only then checks for a takeover: a writer that took over before that check has read them.</summary>
    /// <exception cref="JournalException">The flush failed, after which the content of the disk is unknown: it is not retried.</exception>
    /// <exception cref="StaleEpochException">The journal was opened under a later epoch.</exception>
    public void Commit()
    {
        IsBroken = true; // after any failure
        try
        {
            _file.Flush();
            _directory.ThrowIfStale(_header.Id.Epoch);
            _durable = _end;
            WriteMark();
            IsBroken = false;
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw _directory.Failed(
                $"flushed to disk ('{_header.Id.FileName}' up to byte {_end})", e,
                "The disk may have dropped the data, so the write is not retried. Check the disk, then open the journal again; all events acknowledged before are safe.");
        }
    }

    /// <summary>Deletes the segments whose events are all covered; the current one is closed first, so that the next truncation can delete it.</summary>
    /// <exception cref="JournalException">The disk failed.</exception>
    public void Truncate(long throughSequence)
    {
        try
        {
            _directory.ThrowIfStale(_header.Id.Epoch);
            if (NextSequence > _header.Id.FirstSequence && _header.Id.FirstSequence <= throughSequence) Roll();
            var before = _segments.Count;
            while (_segments.Count > 1 && _segments[1].FirstSequence - 1 <= throughSequence)
            {
                _directory.Delete(_segments[0].FileName);
                _segments.RemoveAt(0);
            }

            if (_segments.Count < before) _directory.Flush();
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            throw _directory.Failed($"truncated through event {throughSequence}", e, "The snapshot covers the events, whether they have been deleted or not.");
        }
    }

    /// <summary>Closes the files; records the durable length, if nothing failed.</summary>
    public void Dispose()
    {
        try
        {
            if (!IsBroken) _mark.Flush();
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            _log.MarkNotSafe(e, _directory.Name);
        }
        finally
        {
            _mark.Dispose();
            _file.Dispose();
        }
    }

    // A reader that finds the new segment uses the old one in its current state. The new one may exist although its creation failed, so nothing may be appended
    // to the old one.
    private void Roll()
    {
        var header = _header with { Id = new SegmentId(_header.Id.Epoch, NextSequence), Previous = _header.Id, PreviousEnd = _durable };
        try
        {
            var file = _directory.CreateSegment(header);
            _file.Dispose();
            _file = file;
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            IsBroken = true;
            throw _directory.Failed(
                $"continued in '{header.Id.FileName}'", e,
                    "Make room on the disk or repair it, then open the journal again; all acknowledged events are safe.");
        }

        _header = header;
        _segments.Add(header.Id);
        _durable = _end = SegmentHeader.Size;
    }

    private void Add(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var length = 0;
        foreach (var e in events) length += sizeof(int) + e.Length;
        if (_buffered > 0 && _buffered + RecordHeader.Size + length > ChunkBytes) WriteBuffered();
        Reserve(RecordHeader.Size + length);
        var record = _buffer.AsSpan(_buffered, RecordHeader.Size + length);
        var body = record[RecordHeader.Size..];
        var at = 0;
        foreach (var e in events)
        {
            BinaryPrimitives.WriteInt32LittleEndian(body[at..], e.Length);
            e.Span.CopyTo(body[(at + sizeof(int))..]);
            at += sizeof(int) + e.Length;
        }

        var header = new RecordHeader(
            _end + _buffered, _durable, _header.Id.Epoch, NextSequence, events.Count, length, Crc32C.Of(RecordHeader.Magic, body));
        header.Write(record);
        _buffered += record.Length;
        NextSequence += events.Count;
    }

    private void Reserve(int more)
    {
        if (_buffer.Length - _buffered < more) Array.Resize(ref _buffer, Math.Max(_buffered + more, Math.Min(_buffer.Length * 2, ChunkBytes)));
    }

    private void WriteBuffered()
    {
        _file.Write(_end, _buffer.AsSpan(0, _buffered));
        _end += _buffered;
        _buffered = 0;
    }

    private void WriteMark() => _mark.Write(0, new DurableMark(_header.Id, _durable, NextSequence - 1).ToBytes());

    private void CutBack()
    {
        try
        {
            _file.SetLength(_durable);
            _file.Flush();
            _end = _durable;
        }
        catch (Exception e) when (JournalDirectory.IsFileFailure(e))
        {
            _log.LeftoverNotCut(e, _directory.Name, _header.Id.FileName, _durable);
        }
    }
}
