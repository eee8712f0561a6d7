using System.Buffers.Binary;
using System.Globalization;
using Sparkish.Serialization.Rows;

namespace Sparkish.Persistence.Files;

/// <summary>The directory of one journal: the names of its files, and its small files. All members block.</summary>
internal sealed class JournalDirectory(IJournalFiles files, string name)
{
    public const string LockFile = "lock";

    private const string EpochFile = "epoch";
    private const string Temporary = ".tmp";
    private const int EpochSize = 16;
    private const uint EpochMagic = 0x454A5253; // SRJE

    public IJournalFiles Files => files;

    public string Name => name;

    public string FullName => files.FullName(name);

    public string PathOf(string file) => $"{name}/{file}";

    public string FullNameOf(string file) => files.FullName(PathOf(file));

    public void Create() => files.CreateDirectory(name);

    public void Flush() => files.FlushDirectory(name);

    public void Delete(string file) => files.Delete(PathOf(file));

    public IJournalFile? Open(string file, bool writable = false) => files.Open(PathOf(file), writable);

    public IReadOnlyList<string> List() => files.ListFiles(name);

    /// <summary>The existing segments, the earliest first.</summary>
    public IReadOnlyList<SegmentId> Segments() => [.. List().Select(SegmentId.Parse).OfType<SegmentId>().Order()];

    /// <summary>Replaces a file atomically and durably: a crash leaves the old file or the complete new one.</summary>
    public void Replace(string file, params ReadOnlySpan<ReadOnlyMemory<byte>> parts)
    {
        var temporary = PathOf(file + Temporary);
        try
        {
            using (var written = files.Create(temporary))
            {
                var position = 0L;
                foreach (var part in parts)
                {
                    written.Write(position, part.Span);
                    position += part.Length;
                }

                written.Flush();
            }

            files.Rename(temporary, PathOf(file));
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            TryDelete(temporary); // it would otherwise occupy space on a full disk
            throw;
        }

        Flush();
    }

    /// <summary>Deletes incomplete files after a crash.</summary>
    public IEnumerable<string> Temporaries() => List().Where(file => file.EndsWith(Temporary, StringComparison.Ordinal));

    /// <summary>The term under which the journal was opened last; 0 if it never was.</summary>
    public long ReadEpoch()
    {
        using var file = Open(EpochFile);
        if (file is null) return 0;
        var bytes = new byte[EpochSize];
        var whole = file.Length == EpochSize && file.Read(0, bytes) == EpochSize
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == EpochMagic
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) == Crc32C.Of(EpochMagic, bytes.AsSpan(8));
        return whole ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)) : throw Corrupt(EpochFile, 0, "the number of the last term cannot be read");
    }

    /// <exception cref="StaleEpochException">The journal was opened under a later term.</exception>
    public void ThrowIfStale(long epoch)
    {
        var current = ReadEpoch();
        if (current != epoch) throw new StaleEpochException(name, epoch, current);
    }

    public void WriteEpoch(long epoch)
    {
        var bytes = new byte[EpochSize];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, EpochMagic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), epoch);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(EpochMagic, bytes.AsSpan(8)));
        Replace(EpochFile, bytes);
    }

    /// <summary>Reads the mark; null if there is none or it is damaged.</summary>
    public (bool Exists, DurableMark? Mark) ReadMark()
    {
        using var file = Open(DurableMark.FileName);
        if (file is null) return (false, null);
        var bytes = new byte[DurableMark.Size + 1];
        return (true, DurableMark.Read(bytes.AsSpan(0, file.Read(0, bytes))));
    }

    public SegmentHeader ReadHeader(SegmentId id)
    {
        using var file = Open(id.FileName) ?? throw new FileNotFoundException($"'{FullNameOf(id.FileName)}' is gone.");
        var bytes = new byte[SegmentHeader.Size];
        var header = SegmentHeader.Read(bytes.AsSpan(0, file.Read(0, bytes)), out var problem) ?? throw Corrupt(id.FileName, 0, $"it {problem}");
        if (header.Name != name) throw Corrupt(id.FileName, 0, $"it belongs to the journal '{header.Name}'");
        return header.Id == id ? header : throw Corrupt(id.FileName, 0, $"it was written under the name '{header.Id.FileName}'");
    }

    public IJournalFile CreateSegment(SegmentHeader header)
    {
        Replace(header.Id.FileName, header.ToBytes());
        return Open(header.Id.FileName, writable: true) ?? throw new FileNotFoundException($"'{FullNameOf(header.Id.FileName)}' is gone.");
    }

    public JournalCorruptException Corrupt(string file, long position, string what) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"'{FullNameOf(file)}' of the journal '{name}' is damaged at byte {position}: {what}. " +
        $"Nothing was changed. Restore the directory '{FullName}' from a backup and check the disk; to start with an empty journal, move the directory away."));

    /// <summary>A failure of the file system as the caller of a journal sees it.</summary>
    public JournalException Failed(string what, Exception cause, string advice) =>
        new($"The journal '{name}' in '{FullName}' could not be {what}: {cause.Message.TrimEnd('.')}. {advice}", cause);

    public static bool IsFileFailure(Exception e) => e is IOException or UnauthorizedAccessException;

    private void TryDelete(string path)
    {
        try
        {
            files.Delete(path);
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            // The first failure is reported; the next opening deletes the file.
        }
    }
}
