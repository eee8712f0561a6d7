using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;
using Sparkish.Serialization.Rows;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>
/// The directory of one member: a lock, the member's identity, snapshots of the state, and the library's log below <c>log</c>. It is private (0700), so
/// that the files that the library creates below it are too.
/// </summary>
internal sealed class RaftDirectory : IDisposable
{
    private const string VoteFile = "vote";
    private const string SnapshotPrefix = "snapshot-";
    private const string Temporary = ".tmp";
    private const uint Magic = 0x53525331; // SRS1
    private const int HeaderBytes = 32;

    private readonly string _path;
    private readonly string _self;
    private readonly FileStream _lock;
    private readonly DiskFiles _files;

    private RaftDirectory(string path, string self, FileStream locked) => (_path, _self, _lock, _files) = (path, self, locked, new DiskFiles(path));

    /// <summary>The directory of the library's log.</summary>
    public string Log => Path.Combine(_path, "log");

    private string IdentityFile => Path.Combine(_path, "member");

    /// <summary>Opens a member's directory, and creates it if needed.</summary>
    /// <exception cref="JournalException">It cannot be used, or another process uses it.</exception>
    /// <exception cref="JournalCorruptException">It belongs to another member.</exception>
    public static RaftDirectory Open(string path, string self)
    {
        FileStream? locked = null;
        try
        {
            PrivateFiles.ClaimDirectory(path);
            locked = PrivateFiles.OpenLock(Path.Combine(path, "lock"));
            var directory = new RaftDirectory(path, self, locked);
            directory.CheckOwner();
            PrivateFiles.CreateDirectory(directory.Log);
            directory.Flush();
            return directory;
        }
        catch (JournalException)
        {
            locked?.Dispose();
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            locked?.Dispose();
            throw new JournalException(
                $"The Raft directory '{path}' cannot be used: {e.Message.TrimEnd('.')}. Give it to this process alone, with space to write (spark.deploy.raft.directory).", e);
        }
    }

    /// <summary>Reads the identity; null in a directory that is not yet a voter's.</summary>
    public RaftIdentity? ReadIdentity()
    {
        if (!File.Exists(IdentityFile)) return null;
        var lines = File.ReadAllLines(IdentityFile);
        return lines is [_, var cluster] && Guid.TryParseExact(cluster, "N", out var id)
            ? new RaftIdentity(lines[0], id)
            : throw Corrupt("its file 'member' is damaged");
    }

    /// <summary>Records that this member votes, and in which cluster.</summary>
    public void WriteIdentity(Guid cluster)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{_self}\n{cluster:N}\n");
        Replace("member", Encoding.UTF8.GetBytes(text), default);
    }

    /// <summary>Reads the term and the vote.</summary>
    /// <exception cref="JournalCorruptException">They are damaged.</exception>
    public RaftVote ReadVote()
    {
        var file = Path.Combine(_path, VoteFile);
        if (!File.Exists(file)) return new RaftVote(0, null);
        return RaftVote.Decode(File.ReadAllBytes(file)) ?? throw Corrupt($"its file '{VoteFile}' is damaged");
    }

    /// <summary>Makes the term and the vote durable.</summary>
    public void WriteVote(RaftVote vote) => Replace(VoteFile, vote.Encode(), default);

    /// <summary>Reads the latest snapshot; null if there is none.</summary>
    /// <exception cref="JournalCorruptException">It is damaged.</exception>
    public RaftSnapshot? ReadSnapshot()
    {
        if (Snapshots().OrderDescending().Select(static index => (long?)index).FirstOrDefault() is not { } latest) return null;
        var bytes = File.ReadAllBytes(Path.Combine(_path, NameOf(latest)));
        var header = bytes.AsSpan(0, Math.Min(HeaderBytes, bytes.Length));
        if (header.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic
            || BinaryPrimitives.ReadInt64LittleEndian(header[8..]) != latest
            || BinaryPrimitives.ReadInt64LittleEndian(header[24..]) != bytes.Length - HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) != Crc32C.Of(Magic, bytes.AsSpan(8)))
        {
            throw Corrupt($"its file '{NameOf(latest)}' is damaged");
        }

        return new RaftSnapshot(latest, BinaryPrimitives.ReadInt64LittleEndian(header[16..]), bytes.AsMemory(HeaderBytes));
    }

    /// <summary>Makes a snapshot durable.</summary>
    public void WriteSnapshot(RaftSnapshot snapshot)
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), snapshot.Index);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(16), snapshot.Term);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(24), snapshot.State.Length);
        byte[] checkedBytes = [.. header.AsSpan(8), .. snapshot.State.Span];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), Crc32C.Of(Magic, checkedBytes));
        Replace(NameOf(snapshot.Index), header, snapshot.State);
    }

    /// <summary>Deletes the snapshots before a given one.</summary>
    public void DeleteSnapshotsBefore(long index)
    {
        foreach (var old in Snapshots().Where(other => other < index)) File.Delete(Path.Combine(_path, NameOf(old)));
    }

    /// <summary>The error for damaged content.</summary>
    public JournalCorruptException Corrupt(string what, Exception? cause = null) => new(
        $"The Raft directory '{_path}' of {_self} cannot be used: {what}. If the other masters work, check the disk, move this directory away and start again: "
        + "this master then gets everything from them. Otherwise restore the directory from a backup.", cause);

    public void Dispose() => _lock.Dispose();

    private void CheckOwner()
    {
        if (ReadIdentity() is { } identity && identity.Address != _self)
        {
            throw new JournalException(
                $"The Raft directory '{_path}' belongs to the member {identity.Address}, and this one is {_self}: set spark.deploy.raft.directory to this member's own directory, or an empty one.");
        }

        foreach (var file in Directory.EnumerateFiles(_path, "*" + Temporary)) File.Delete(file);
    }

    private void Replace(string name, ReadOnlyMemory<byte> head, ReadOnlyMemory<byte> tail)
    {
        var temporary = Path.Combine(_path, name + Temporary);
        using (var file = PrivateFiles.Replace(temporary, bufferSize: 0))
        {
            file.Write(head.Span);
            file.Write(tail.Span);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path.Combine(_path, name), overwrite: true);
        Flush();
    }

    private void Flush() => _files.FlushDirectory("");

    private IEnumerable<long> Snapshots() => Directory.EnumerateFiles(_path, SnapshotPrefix + "*").Select(Path.GetFileName)
        .Where(static name => !name!.EndsWith(Temporary, StringComparison.Ordinal))
        .Select(static name => long.TryParse(name.AsSpan(SnapshotPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1)
        .Where(static index => index >= 0);

    private static string NameOf(long index) => string.Create(CultureInfo.InvariantCulture, $"{SnapshotPrefix}{index:D19}");
}
