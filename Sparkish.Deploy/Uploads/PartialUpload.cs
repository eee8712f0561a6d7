using System.Security.Cryptography;

namespace Sparkish.Deploy.Uploads;

/// <summary>A package that is being received. Disposal removes what has arrived, unless it is complete.</summary>
internal sealed class PartialUpload : IDisposable
{
    private readonly string _part;
    private readonly string _complete;
    private readonly FileStream _file;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public PartialUpload(string hash, long length, string part, string complete)
    {
        (Hash, Length, _part, _complete) = (hash, length, part, complete);
        _file = PrivateFiles.CreateNew(part, bufferSize: 0);
    }

    public string Hash { get; }

    public long Length { get; }

    public long Received { get; private set; }

    /// <summary>The time of the last part.</summary>
    public long Timestamp { get; set; }

    /// <exception cref="IOException">The disk is full, for example.</exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        _file.Write(data);
        _hash.AppendData(data);
        Received += data.Length;
    }

    /// <summary>Gives the complete package its name; false if its content is not that of its hash.</summary>
    /// <exception cref="IOException">The file cannot be written or renamed.</exception>
    public bool TryComplete()
    {
        _file.Flush(flushToDisk: true);
        if (Convert.ToHexStringLower(_hash.GetHashAndReset()) != Hash) return false;
        _file.Dispose();
        File.Move(_part, _complete, overwrite: true);
        return true;
    }

    public void Dispose()
    {
        _hash.Dispose();
        _file.Dispose();
        File.Delete(_part); // a complete one has another name
    }
}
