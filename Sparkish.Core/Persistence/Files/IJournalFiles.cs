namespace Sparkish.Persistence.Files;

/// <summary>
/// All that a file journal asks of a file system, so that it also runs on the disk of a simulated node and on one that fails where a test says.
/// Paths are relative, with <c>/</c>. What blocks is called within <see cref="RunAsync"/> only. Members report failures as the framework's files do:
/// <see cref="IOException"/> and <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IJournalFiles
{
    /// <summary>How completions that callers await are made.</summary>
    TaskCreationOptions Completions { get; }

    /// <summary>Runs a step that blocks, off the caller's thread; a killed process is killed between steps or within them.</summary>
    Task<T> RunAsync<T>(Func<T> step);

    /// <summary>A path as people know it.</summary>
    string FullName(string path);

    /// <summary>The names of a directory's files; none if there is no such directory.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>The names of the directories in the root; none if there is no root.</summary>
    IReadOnlyList<string> ListDirectories();

    /// <summary>Makes a directory, and those above it, so that a lost machine does not lose them; nothing if it is there.</summary>
    void CreateDirectory(string directory);

    /// <summary>Makes an empty file, in the place of one that is there.</summary>
    IJournalFile Create(string path);

    /// <summary>Opens a file; null if it does not exist.</summary>
    IJournalFile? Open(string path, bool writable = false);

    /// <summary>Puts a file in the place of another at once; safe from a lost machine after <see cref="FlushDirectory"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; does nothing if it does not exist.</summary>
    void Delete(string path);

    /// <summary>Makes safe which names a directory has.</summary>
    void FlushDirectory(string directory);

    /// <summary>Keeps other processes from the same lock until it is disposed, or this process ends, however it ends.</summary>
    /// <exception cref="JournalLockedException">Somebody has it; the message says who.</exception>
    IDisposable Lock(string path);
}

/// <summary>An open file. For one caller at a time.</summary>
internal interface IJournalFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads what is there, up to the end of the file or of the buffer; 0 at the end.</summary>
    int Read(long position, Span<byte> buffer);

    /// <summary>Writes all, or throws and may have written a part.</summary>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file.</summary>
    void SetLength(long length);

    /// <summary>Makes what was written safe from a lost machine.</summary>
    void Flush();
}
