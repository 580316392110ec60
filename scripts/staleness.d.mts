export declare const root: string;
export declare function newest(...names: string[]): number;
export declare function isBuildStale(): boolean;
