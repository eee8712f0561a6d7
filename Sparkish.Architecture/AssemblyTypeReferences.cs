using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Sparkish.Architecture;

/// <summary>
/// All mentions of an assembly's types by its other types: bases, interfaces, constraints, fields, signatures, properties, events, attributes, locals
/// and the operands of method bodies. Nested and compiler-generated types count for the type that they stand in. A type counts for the folder of its
/// source file, whatever its namespace.
/// </summary>
internal sealed class AssemblyTypeReferences : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly MentionedTypes _mentioned;
    private readonly SourceFolders _folders;
    private readonly Dictionary<TypeDefinitionHandle, string?> _folderOf = [];

    /// <summary>Opens an assembly, whose symbols must lie beside it.</summary>
    public AssemblyTypeReferences(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
        _mentioned = new MentionedTypes(_metadata);
        _folders = new SourceFolders(Path.ChangeExtension(path, ".pdb"), ProjectOf(Path.GetFileNameWithoutExtension(path)));
    }

    /// <summary>The folders that hold types.</summary>
    public IReadOnlyCollection<string> Folders =>
        [.. _metadata.TypeDefinitions.Where(handle => !_metadata.GetTypeDefinition(handle).IsNested)
            .Select(FolderOf).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The names of the assemblies that this one references.</summary>
    public IEnumerable<string> ReferencedAssemblies =>
        _metadata.AssemblyReferences.Select(handle => _metadata.GetString(_metadata.GetAssemblyReference(handle).Name));

    public void Dispose()
    {
        _folders.Dispose();
        _file.Dispose();
    }

    /// <summary>All mentions, without those of types that compilers and generators add.</summary>
    public IEnumerable<TypeReference> Read()
    {
        foreach (var handle in _metadata.TypeDefinitions)
        {
            var from = Outermost(handle);
            if (FolderOf(from) is not { } fromFolder) continue;
            foreach (var to in MentionedBy(_metadata.GetTypeDefinition(handle)).Select(Outermost))
            {
                if (FolderOf(to) is { } toFolder) yield return new TypeReference(fromFolder, NameOf(from), toFolder, NameOf(to));
            }
        }
    }

    // The command's assembly has the name by which people call it.
    private static string ProjectOf(string assembly) => assembly is "sparkish" ? "Sparkish.Cli" : assembly;

    private string? FolderOf(TypeDefinitionHandle handle)
    {
        if (!_folderOf.TryGetValue(handle, out var folder)) _folderOf[handle] = folder = FindFolder(handle);
        return folder;
    }

    // A type may have all its code in types that are nested in it, as a group of records has.
    private string? FindFolder(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        return _folders.Of(handle, type) ?? type.GetNestedTypes().Select(FolderOf).FirstOrDefault(folder => folder is not null);
    }

    private HashSet<TypeDefinitionHandle> MentionedBy(TypeDefinition type)
    {
        _mentioned.Clear();
        _mentioned.Add(type.BaseType);
        _mentioned.Add(type.GetCustomAttributes());
        AddConstraints(type.GetGenericParameters());
        foreach (var handle in type.GetInterfaceImplementations()) _mentioned.Add(_metadata.GetInterfaceImplementation(handle).Interface);
        foreach (var handle in type.GetProperties()) _mentioned.Add(_metadata.GetPropertyDefinition(handle).GetCustomAttributes());
        foreach (var handle in type.GetEvents()) _mentioned.Add(_metadata.GetEventDefinition(handle).Type);
        foreach (var handle in type.GetFields())
        {
            var field = _metadata.GetFieldDefinition(handle);
            field.DecodeSignature(_mentioned, null);
            _mentioned.Add(field.GetCustomAttributes());
        }

        foreach (var handle in type.GetMethods()) AddMethod(_metadata.GetMethodDefinition(handle));
        return _mentioned.Types;
    }

    private void AddMethod(MethodDefinition method)
    {
        method.DecodeSignature(_mentioned, null);
        _mentioned.Add(method.GetCustomAttributes());
        AddConstraints(method.GetGenericParameters());
        foreach (var handle in method.GetParameters()) _mentioned.Add(_metadata.GetParameter(handle).GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0) return;

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil) _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_mentioned, null);
        foreach (var region in body.ExceptionRegions) _mentioned.Add(region.CatchType);
        foreach (var token in IlTokens.In(body.GetILContent())) _mentioned.Add(MetadataTokens.EntityHandle(token));
    }

    private void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var parameter in parameters)
        {
            foreach (var constraint in _metadata.GetGenericParameter(parameter).GetConstraints())
                _mentioned.Add(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    private TypeDefinitionHandle Outermost(TypeDefinitionHandle handle)
    {
        while (_metadata.GetTypeDefinition(handle) is { IsNested: true } type) handle = type.GetDeclaringType();
        return handle;
    }

    private string NameOf(TypeDefinitionHandle handle) => _metadata.GetString(_metadata.GetTypeDefinition(handle).Name);
}
