using System.Globalization;

namespace Sparkish.Deploy.Worker.Output;

/// <summary>
/// Writes an output stream of an executor or a driver to a file, rolled by size or time. The stream is always read: otherwise the process would block at its
/// next line forever. If the disk is full or the directory is gone, output is dropped until writing works again.
/// </summary>
internal sealed class ExecutorOutput : IAsyncDisposable
{
    private const int BufferSize = 32 * 1024;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly OutputOptions _options;
    private readonly RolledFiles _rolled;
    private readonly TimeProvider _time;
    private readonly Action<string> _onLost;
    private FileStream? _file;
    private bool _continues;
    private long _written;
    private DateTimeOffset _periodEnd = DateTimeOffset.MaxValue;
    private long _dropped;
    private long? _failedAt;
    private bool _reported;

    /// <param name="path">The current file; rolled ones have the suffix .1, .2, …, the newest first.</param>
    /// <param name="options">Limits of the stored output.</param>
    /// <param name="time">The clock for the pause before writing is retried.</param>
    /// <param name="onLost">Called once, when output is dropped for the first time, with the reason.</param>
    public ExecutorOutput(string path, OutputOptions options, TimeProvider time, Action<string> onLost)
    {
        (_path, _options, _time, _onLost) = (path, options, time, onLost);
        _rolled = new RolledFiles(path, options.MaxRolledFiles, options.Compresses);
    }

    /// <summary>Whether an existing file is continued; otherwise it is replaced.</summary>
    public bool Appends { get => _continues; init => _continues = value; }

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
            _file ??= Open();
            if (IsFull()) await RollAsync().ConfigureAwait(false);
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

    private bool IsFull() => _written > 0 && (_options.MaxBytes <= _written || _periodEnd <= _time.GetUtcNow());

    private FileStream Open()
    {
        var began = _time.GetUtcNow();
        if (_continues && File.Exists(_path)) began = new DateTimeOffset(File.GetLastWriteTimeUtc(_path), TimeSpan.Zero);
        var file = _continues
            ? PrivateFiles.Append(_path, bufferSize: 0, FileOptions.Asynchronous, FileShare.ReadWrite | FileShare.Delete)
            : PrivateFiles.Replace(_path, bufferSize: 0, FileOptions.Asynchronous, FileShare.ReadWrite | FileShare.Delete);
        _written = file.Length;
        _periodEnd = _options.Interval is { } interval ? EndOfPeriod(_written > 0 ? began : _time.GetUtcNow(), interval) : DateTimeOffset.MaxValue;
        _continues = true;
        return file;
    }

    // Periods are counted from midnight UTC, whenever the process was started.
    private static DateTimeOffset EndOfPeriod(DateTimeOffset time, TimeSpan interval) =>
        new(((time.UtcTicks / interval.Ticks) + 1) * interval.Ticks, TimeSpan.Zero);

    private async Task NoteDroppedAsync()
    {
        var note = string.Create(CultureInfo.InvariantCulture, $"\n[{_dropped} bytes were dropped here: they could not be written]\n");
        await _file!.WriteAsync(System.Text.Encoding.UTF8.GetBytes(note)).ConfigureAwait(false);
        _written += note.Length;
        _dropped = 0;
    }

    private async Task RollAsync()
    {
        await _file!.DisposeAsync().ConfigureAwait(false);
        _file = null;
        await _rolled.AddAsync().ConfigureAwait(false);
        _continues = false;
    }
}
