namespace Sparkish.Assemblies;

/// <summary>A file of this process's application: one on disk, or one within the single file that the application was published as.</summary>
internal sealed class ShippedFile
{
    private readonly string? _path;
    private readonly SingleFileBundle? _bundle;
    private readonly BundleEntry? _entry;

    public ShippedFile(string path)
    {
        _path = path;
        Name = System.IO.Path.GetFileName(path);
    }

    public ShippedFile(SingleFileBundle bundle, BundleEntry entry)
    {
        _bundle = bundle;
        _entry = entry;
        Name = entry.FileName;
    }

    /// <summary>The name of the file.</summary>
    public string Name { get; }

    /// <summary>The folder of the file; null if it is in a bundle.</summary>
    public string? Folder => _path is null ? null : System.IO.Path.GetDirectoryName(_path);

    /// <summary>The name without its last extension: for an assembly's file, the name of the assembly.</summary>
    public string AssemblyName => System.IO.Path.GetFileNameWithoutExtension(Name);

    /// <summary>The path; a file of a bundle is extracted to a temporary directory on first access.</summary>
    public string Path => _path ?? _bundle!.Extract(_entry!);

    /// <summary>Opens it for reading; the stream can seek.</summary>
    public Stream Open() => _path is not null ? File.OpenRead(_path) : _bundle!.Open(_entry!);
}
