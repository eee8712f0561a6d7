using System.Security.Cryptography;

namespace Sparkish.Rpc.Files;

/// <summary>
/// Fetches one file to a path on this node. The file is written beside its destination, resumed after an interruption if its version is unchanged, and renamed
/// once its hash matches. An incomplete file is deleted, and other users of the machine cannot access it. One use.
/// </summary>
/// <param name="url">The file, for errors.</param>
/// <param name="peer">The connection to the peer.</param>
/// <param name="options">The retries.</param>
internal sealed class FileFetch(FileUrl url, FilePeer peer, FetchOptions options)
{
    private const int BufferBytes = 256 << 10;

    private long _done;

    /// <summary>Fetches the file.</summary>
    /// <param name="destination">Its full name here; a file of this name is replaced.</param>
    /// <param name="sha256">The expected SHA-256 of the content; null accepts any.</param>
    /// <param name="cancellationToken">Cancels the transfer.</param>
    /// <exception cref="SparkException">
    /// The file does not exist, changed during the transfer, has another hash than expected, or cannot be written here.
    /// </exception>
    public async Task RunAsync(string destination, string? sha256, CancellationToken cancellationToken)
    {
        var version = await TryAgainAsync(ReadVersion, cancellationToken).ConfigureAwait(false);
        if (sha256 is not null && !string.Equals(version.Hash, sha256, StringComparison.OrdinalIgnoreCase))
            throw new SparkException($"{Name} has the SHA-256 {version.Hash}, but {sha256} is expected: it is another build, or was tampered with.");
        var aside = $"{destination}.{Guid.NewGuid():N}.part";
        try
        {
            using (var file = Write(destination, () => PrivateFiles.CreateNew(aside, bufferSize: 0)))
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                await TryAgainAsync(() => Copy(version, destination, file, hash, cancellationToken), cancellationToken).ConfigureAwait(false);
                if (Convert.ToHexStringLower(hash.GetHashAndReset()) != version.Hash)
                    throw new SparkException(
                        $"{Name} does not have the announced SHA-256 {version.Hash}: it was modified while it was served. Fetch it again.");
            }

            Write(destination, () => File.Move(aside, destination, overwrite: true));
        }
        finally
        {
            if (File.Exists(aside)) File.Delete(aside);
        }
    }

    private string Name => $"spark://{url.Authority}/{url.Path}";

    private FileVersion ReadVersion()
    {
        using var stream = peer.Open(url.Path + FileRequest.VersionQuery);
        using var bytes = new MemoryStream();
        var buffer = new byte[256];
        while (bytes.Length < buffer.Length && stream.Read(buffer) is > 0 and var read) bytes.Write(buffer, 0, read);
        return FileVersion.TryParse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))
            ?? throw new SparkException($"The peer gave no version of {Name}: it serves no files.");
    }

    private bool Copy(FileVersion version, string destination, FileStream file, IncrementalHash hash, CancellationToken cancellationToken)
    {
        using var stream = peer.Open(url.Path + FileRequest.Rest(_done, version.Tag));
        using var giveUp = cancellationToken.UnsafeRegister(static stream => ((Stream)stream!).Dispose(), stream); // ends a read that waits
        if (stream.Length != version.Length - _done)
            throw new SparkException($"The peer announced {stream.Length} bytes of {Name} from byte {_done} on, but the file has {version.Length}.");
        var buffer = new byte[BufferBytes];
        while (_done < version.Length)
        {
            var read = stream.Read(buffer);
            if (read == 0) throw new EndOfStreamException($"{Name} ended after {_done} of {version.Length} bytes.");
            Write(destination, () => file.Write(buffer, 0, read));
            hash.AppendData(buffer, 0, read);
            _done += read;
        }

        return true;
    }

    private async Task<T> TryAgainAsync<T>(Func<T> step, CancellationToken cancellationToken)
    {
        for (var retries = 0; ; retries++)
        {
            var before = _done;
            try
            {
                return await peer.RunBlockingAsync(step).ConfigureAwait(false);
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (Exception error) when (peer.IsTransient(error))
            {
                if (_done > before) retries = 0;
                if (retries >= options.MaxRetries)
                    throw new SparkException($"{Name} could not be fetched in {retries + 1} attempts (spark.files.io.maxRetries): {error.Message}", error);
            }

            await Task.Delay(options.Pause(peer.Random.NextDouble()), peer.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Write(string destination, Action step) => Write(destination, () =>
    {
        step();
        return true;
    });

    /// <summary>Runs a step that writes locally; its errors are not retried.</summary>
    private T Write<T>(string destination, Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"{Name} cannot be written to '{destination}': {error.Message} Free space there, or choose another directory.", error);
        }
    }
}
