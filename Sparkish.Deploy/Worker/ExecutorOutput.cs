using System.Globalization;

namespace Sparkish.Deploy.Worker;

/// <summary>
/// Writes an output stream of an executor or a driver to a file, rolled by size. The stream is always read: otherwise the process would block at its next
/// line forever. If the disk is full or the directory is gone, output is dropped until writing works again.
/// </summary>
internal sealed class ExecutorOutput : IAsyncDisposable
{
    private const int BufferSize = 32 * 1024;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly OutputOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string> _onLost;
    private FileStream? _file;
    private long _written;
    private long _dropped;
    private long? _failedAt;
    private bool _reported;

    /// <param name="path">The current file; rolled ones have the suffix .1, .2, …, the newest first.</param>
    /// <param name="options">Limits of the stored output.</param>
    /// <param name="time">The clock for the pause before writing is retried.</param>
    /// <param name="onLost">Called once, when output is dropped for the first time, with the reason.</param>
    public ExecutorOutput(string path, OutputOptions options, TimeProvider time, Action<string> onLost) =>
        (_path, _options, _time, _onLost) = (path, options, time, onLost);

    /// <summary>Whether an existing file is continued; otherwise it is replaced.</summary>
    public bool Appends { get; init; }

    /// <summary>Reads a stream to its end.</summary>
    public async Task CopyAsync(Stream source)
    {
        var buffer = new byte[BufferSize];
        for (int read; (read = await source.ReadAsync(buffer).ConfigureAwait(false)) > 0;) await WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> data)
    {
        if (_failedAt is { } failed && _time.GetElapsedTime(failed) < RetryPause)
        {
            _dropped += data.Length;
            return;
        }

        try
        {
            if (_options.MaxBytes <= _written) await RollAsync().ConfigureAwait(false);
            _file ??= Open();
            if (_dropped > 0) await NoteDroppedAsync().ConfigureAwait(false);
            await _file.WriteAsync(data).ConfigureAwait(false);
            _written += data.Length;
            _failedAt = null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failedAt = _time.GetTimestamp();
            _dropped += data.Length;
            if (_reported) return;
            _reported = true;
            _onLost($"{Path.GetFileName(_path)} cannot be written and is dropped: {error.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_file is not null) await _file.DisposeAsync().ConfigureAwait(false);
    }

    private FileStream Open()
    {
        if (!Appends) return PrivateFiles.Replace(_path, bufferSize: 0, FileOptions.Asynchronous, FileShare.ReadWrite | FileShare.Delete);
        var file = PrivateFiles.Append(_path, bufferSize: 0, FileOptions.Asynchronous, FileShare.ReadWrite | FileShare.Delete);
        _written = file.Length;
        return file;
    }


    private async Task NoteDroppedAsync()
    {
        var note = string.Create(CultureInfo.InvariantCulture, $"\n[{_dropped} bytes were dropped here: they could not be written]\n");
        await _file!.WriteAsync(System.Text.Encoding.UTF8.GetBytes(note)).ConfigureAwait(false);
        _written += note.Length;
        _dropped = 0;
    }

    private async Task RollAsync()
    {
        if (_file is not null) await _file.DisposeAsync().ConfigureAwait(false);
        _file = null;
        if (_options.MaxRolledFiles > 0)
        {
            for (var number = _options.MaxRolledFiles - 1; number >= 1; number--)
            {
                if (File.Exists(Rolled(number))) File.Move(Rolled(number), Rolled(number + 1), overwrite: true);
            }

            if (File.Exists(_path)) File.Move(_path, Rolled(1), overwrite: true);
        }
        else
        {
            File.Delete(_path);
        }

        _written = 0;
    }

    private string Rolled(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");
}
