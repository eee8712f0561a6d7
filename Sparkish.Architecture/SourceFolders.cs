using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Sparkish.Architecture;

/// <summary>
/// The folder of each type's source file, as the symbols (.pdb) beside an assembly tell: those of its methods' sequence points, and for types without
/// code (interfaces, enums, marker types) the list of documents that compilers keep for them.
/// </summary>
internal sealed class SourceFolders : IDisposable
{
    /// <summary>The name of a project's own folder.</summary>
    public const string Root = "(root)";

    private static readonly Guid TypeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly MetadataReaderProvider _provider;
    private readonly MetadataReader _symbols;
    private readonly string _project;

    public SourceFolders(string symbolFile, string project)
    {
        _provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(symbolFile));
        _symbols = _provider.GetMetadataReader();
        _project = project;
    }

    public void Dispose() => _provider.Dispose();

    /// <summary>The folder of a type relative to its project, such as <c>Rpc/Local</c>; null for a type that a compiler or a generator made.</summary>
    public string? Of(TypeDefinitionHandle handle, TypeDefinition type) =>
        type.GetMethods().SelectMany(DocumentsOf).Concat(DocumentsOf(handle)).Select(FolderOf).FirstOrDefault(folder => folder is not null);

    private IEnumerable<DocumentHandle> DocumentsOf(MethodDefinitionHandle method)
    {
        var information = _symbols.GetMethodDebugInformation(method);
        if (!information.Document.IsNil) return [information.Document];
        return information.SequencePointsBlob.IsNil ? [] : information.GetSequencePoints().Select(point => point.Document);
    }

    private IEnumerable<DocumentHandle> DocumentsOf(TypeDefinitionHandle type)
    {
        foreach (var handle in _symbols.GetCustomDebugInformation(type))
        {
            var information = _symbols.GetCustomDebugInformation(handle);
            if (_symbols.GetGuid(information.Kind) != TypeDefinitionDocuments) continue;
            var documents = _symbols.GetBlobReader(information.Value);
            while (documents.RemainingBytes > 0) yield return MetadataTokens.DocumentHandle(documents.ReadCompressedInteger());
        }
    }

    // …/Sparkish.Core/Rpc/Local/Inbox.cs lies in Rpc/Local; what generators write lies in obj or nowhere.
    private string? FolderOf(DocumentHandle document)
    {
        var path = _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');
        var project = path.LastIndexOf($"/{_project}/", StringComparison.Ordinal);
        if (project < 0) return null;
        var inside = path[(project + _project.Length + 2)..];
        if (inside.StartsWith("obj/", StringComparison.Ordinal)) return null;
        return inside.LastIndexOf('/') is var end and >= 0 ? inside[..end] : Root;
    }
}
