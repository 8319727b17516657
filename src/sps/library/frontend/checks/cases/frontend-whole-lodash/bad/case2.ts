import * as Icons from '@mui/icons-material';
export const I = Icons.Add;
